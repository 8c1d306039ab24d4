-- Appends one event to an organization's audit chain and returns its number.
--
-- A function, so that a change and its record are one statement. It is VOLATILE: its statements each see the newest
-- committed state, so the row lock that the UPDATE takes is what orders the organization's events. Numbers are dense,
-- and every hash covers the one before: sha256(prev_hash || number || newline || payload).
CREATE FUNCTION append_audit_event(
  organization text,
  event_id text,
  event_at timestamptz,
  event_action text,
  event_actor_kind text,
  event_actor text,
  event_target_kind text,
  event_target_id text,
  event_repository_id text,
  event_payload text
) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  previous bytea;
  number bigint;
  computed bytea;
BEGIN
  UPDATE audit_chain SET seq = seq + 1 WHERE organization_id = organization RETURNING seq, hash INTO number, previous;
  IF number IS NULL THEN
    RAISE EXCEPTION 'organization % has no audit chain', organization;
  END IF;
  computed := sha256(previous || convert_to(number::text || E'\n' || event_payload, 'UTF8'));
  UPDATE audit_chain SET hash = computed WHERE organization_id = organization;
  INSERT INTO audit_event (
    organization_id, seq, id, at, action, actor_kind, actor, target_kind, target_id, repository_id, payload, prev_hash, hash
  ) VALUES (
    organization, number, event_id, event_at, event_action, event_actor_kind, event_actor,
    event_target_kind, event_target_id, event_repository_id, event_payload, previous, computed
  );
  RETURN number;
END
$$;

import { sqltag as sql, type Sql } from "@prisma/client/runtime/client";
import { actorName } from "../access/actor";
import type { Context, Transaction } from "../context";
import { newId } from "../new-id";
import type { AuditEvent } from "./audit-event";

/** An event as `append_audit_event` takes it. */
export function auditRow(ctx: Pick<Context, "actor" | "clock" | "requestId" | "address">, event: AuditEvent) {
  const id = newId("evt");
  const at = ctx.clock();
  const targetKind = event.action.slice(0, event.action.indexOf("."));
  const repositoryId =
    targetKind === "repository" ? event.targetId : "repositoryId" in event ? event.repositoryId : null;
  const payload = JSON.stringify({
    id,
    at: at.toISOString(),
    organization: ctx.actor.organizationSlug,
    actor: { kind: ctx.actor.kind, name: actorName(ctx.actor) },
    address: ctx.address,
    action: event.action,
    target: { kind: targetKind, id: event.targetId },
    repository_id: repositoryId,
    details: event.details,
    request_id: ctx.requestId,
  });
  return {
    organization: ctx.actor.organizationId,
    id,
    at,
    action: event.action,
    actor_kind: ctx.actor.kind,
    actor: actorName(ctx.actor),
    target_kind: targetKind,
    target_id: event.targetId,
    repository_id: repositoryId,
    payload,
  };
}

/**
 * The SQL call that appends one event to the organization's chain; it stands in the statement that makes the change,
 * so that neither exists without the other. The database function locks the chain's head and computes the hash
 * (prisma/migrations, `append_audit_event`).
 */
export function auditCall(ctx: Pick<Context, "actor" | "clock" | "requestId" | "address">, event: AuditEvent): Sql {
  const row = auditRow(ctx, event);
  return sql`append_audit_event(${row.organization}, ${row.id}, ${row.at}::timestamptz, ${row.action}, ${row.actor_kind}, ${row.actor}, ${row.target_kind}, ${row.target_id}, ${row.repository_id}, ${row.payload})`;
}

/** Appends one event inside the caller's transaction; answers its number. */
export async function recordAudit(
  tx: Transaction,
  ctx: Pick<Context, "actor" | "clock" | "requestId" | "address">,
  event: AuditEvent,
): Promise<bigint> {
  const [row] = await tx.$queryRaw<{ seq: bigint }[]>(sql`SELECT ${auditCall(ctx, event)} AS seq`);
  return row!.seq;
}

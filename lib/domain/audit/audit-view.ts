import type { AuditAction } from "./audit-event";

/** One event as it is shown: read from the very text that was hashed. */
export interface AuditView {
  seq: number;
  id: string;
  at: Date;
  action: AuditAction;
  actor: { kind: "member" | "token" | "system"; name: string };
  target: { kind: string; id: string };
  details: Record<string, string | number | boolean | null>;
  requestId: string;
  /** Null where no request was behind it, and in events from before it was recorded. */
  address: string | null;
}

interface AuditPayload extends Pick<AuditView, "id" | "action" | "actor" | "target" | "details"> {
  request_id: string;
  address?: string | null;
}

export const AUDIT_SELECT = { seq: true, at: true, payload: true } as const;

/** The view of a selected row. */
export function toAuditView({ seq, at, payload }: { seq: bigint; at: Date; payload: string }): AuditView {
  const { id, action, actor, target, details, request_id, address } = JSON.parse(payload) as AuditPayload;
  return { seq: Number(seq), at, id, action, actor, target, details, requestId: request_id, address: address ?? null };
}

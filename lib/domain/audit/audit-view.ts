import { z } from "zod";
import { AUDIT_ACTIONS, type AuditAction } from "@/lib/contract/audit-actions";

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

const hashed = z.object({
  id: z.string(),
  action: z.enum(AUDIT_ACTIONS),
  actor: z.object({ kind: z.enum(["member", "token", "system"]), name: z.string() }),
  target: z.object({ kind: z.string(), id: z.string() }),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  request_id: z.string(),
  address: z.string().nullable().default(null),
});

export const AUDIT_SELECT = {
  ...{ seq: true, at: true, payload: true },
  ...{ id: true, action: true, actorKind: true, actor: true, targetKind: true, targetId: true },
} as const;

interface SelectedRow extends Record<"id" | "action" | "actorKind" | "actor" | "targetKind" | "targetId", string> {
  seq: bigint;
  at: Date;
  payload: string;
}

/** The view of a selected row. Of a text that somebody has broken, what the row is filed under is left to show. */
export function toAuditView({ seq, at, payload, ...filed }: SelectedRow): AuditView {
  const read = hashed.safeParse(parsed(payload)).data;
  if (read) {
    const { request_id: requestId, ...event } = read;
    return { seq: Number(seq), at, requestId, ...event };
  }
  return {
    seq: Number(seq),
    at,
    id: filed.id,
    action: filed.action as AuditAction,
    actor: { kind: filed.actorKind as AuditView["actor"]["kind"], name: filed.actor },
    target: { kind: filed.targetKind, id: filed.targetId },
    details: {},
    requestId: "",
    address: null,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

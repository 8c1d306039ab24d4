import type { AuditAction } from "./audit-actions";

/** An event of the audit log as the dashboard's components get it. */
export interface AuditRow {
  seq: number;
  at: Date;
  action: AuditAction;
  actor: { kind: "member" | "token" | "system"; name: string };
  target: { kind: string; id: string };
  details: Record<string, string | number | boolean | null>;
  requestId: string;
  /** Null where no request was behind it, and in events from before it was recorded. */
  address: string | null;
}

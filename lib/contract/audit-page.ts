import { z } from "zod";
import { AUDIT_ACTIONS } from "./audit-actions";

/** None where it is not one. */
const action = z.enum(AUDIT_ACTIONS).or(z.literal("")).catch("");

/** The address of the audit page. An event's number is where the page begins. */
export const auditPageQuery = z.object({
  action,
  actor: z.string().trim().max(255).catch(""),
  before: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional().catch(undefined),
});

export type AuditPageQuery = z.infer<typeof auditPageQuery>;

/** The form that exports what the page's filters show. */
export const exportAuditForm = z.object({
  format: z.enum(["jsonl", "csv"]),
  action,
  actor: z.string().trim().max(255).catch(""),
});

/** The address that shows this. */
export function auditPageHref(base: string, { action, actor, before }: AuditPageQuery): string {
  const params = new URLSearchParams();
  if (action) params.set("action", action);
  if (actor) params.set("actor", actor);
  if (before !== undefined) params.set("before", String(before));
  return params.size > 0 ? `${base}?${params}` : base;
}

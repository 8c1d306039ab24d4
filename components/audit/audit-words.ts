import type { AuditRow } from "@/lib/contract/audit-row";

/** Who did it: a member by e-mail address, a token by its subject, or Latchkey itself. */
export function actorWords({ kind, name }: AuditRow["actor"]): string {
  return kind === "member" ? name : `${name} (${kind})`;
}

/** What it was done to, by the name that people know it under. */
export function subjectWords({ details, target }: AuditRow): string {
  const { repository, name, email, slug, host } = details;
  return String(repository ?? email ?? name ?? slug ?? host ?? target.id);
}

/** What a token may be allowed to do. `git:write` includes `git:read`. */
export const SCOPES = ["git:read", "git:write", "repo:write", "org:read"] as const;

export type Scope = (typeof SCOPES)[number];

/** Whether the granted scopes cover the needed one. */
export function scopeCovers(granted: readonly Scope[], needed: Scope): boolean {
  return granted.includes(needed) || (needed === "git:read" && granted.includes("git:write"));
}

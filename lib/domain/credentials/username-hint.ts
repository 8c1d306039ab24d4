/** Usernames that Git hosts prescribe for tokens: they say nothing secret. */
const FIXED = new Set(["git", "oauth2", "x-token-auth", "x-bitbucket-api-token-auth"]);

const TOKEN_PREFIX = /^(glpat|gldt|gloas|glcbt|ATAT|ATCT|ATBB|gh[pousr]_|github_pat)/i;

/**
 * The username as it may be shown, or null where it could be the token itself (some hosts take the token as the
 * username): only a host's fixed name, or a short word without a token's shape, is shown.
 */
export function usernameHint(username: string | null): string | null {
  if (username === null) return null;
  if (FIXED.has(username)) return username;
  const looksLikeWord = /^[A-Za-z][A-Za-z0-9._@-]{0,23}$/.test(username);
  const digits = username.replace(/\D/g, "").length;
  return looksLikeWord && digits <= 4 && !TOKEN_PREFIX.test(username) ? username : null;
}

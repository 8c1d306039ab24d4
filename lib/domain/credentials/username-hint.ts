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
  // Lower case, few digits, and those at the end or as a part of their own: no token that was drawn at random.
  const looksLikeWord = /^[a-z]+([._-][a-z]+)*([._-]?\d{1,3})?(@[a-z.-]+)?$/.test(username) && username.length <= 24;
  return looksLikeWord && longestPart(username) <= 12 && !TOKEN_PREFIX.test(username) ? username : null;
}

/** A word that people say is short; twenty letters in a row are a token. */
function longestPart(username: string): number {
  return Math.max(...username.split(/[._@-]/).map((part) => part.length));
}

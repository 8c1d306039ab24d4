/**
 * Why a host answered 401: "other_sign_in" where it offers Kerberos or NTLM and nothing that a stored secret can do, or
 * null, which leaves the secret itself. Takes every `WWW-Authenticate` of the answer.
 */
export function refusedSignIn(challenge: string | null): "other_sign_in" | null {
  const offers = (scheme: string) => new RegExp(`(^|,\\s*)${scheme}(\\s|,|$)`, "i").test(challenge ?? "");
  return (offers("Negotiate") || offers("NTLM")) && !offers("Basic") ? "other_sign_in" : null;
}

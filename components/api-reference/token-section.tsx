const CLAIMS = [
  ["iss", "Your organization's name.", "required"],
  ["exp", "When it ends, in seconds since 1970. A minute of clock difference is forgiven.", "required"],
  ["scopes", "A list of: git:read, git:write, repo:write, org:read.", "required"],
  ["repo", 'The repository\'s name or id, or "org" for the whole organization.', "where the path names no repository"],
  ["iat", "When it was signed.", "where the organization sets a longest life"],
  ["aud", "The audience that the organization asks for.", "where it does"],
  ["sub", "Who acts; it stands in the audit log.", "recommended"],
] as const;

/** How a token is made. */
export function TokenSection() {
  return (
    <section aria-labelledby="tokens" className="mt-10">
      <h2 id="tokens" className="text-lg font-semibold tracking-tight">
        Tokens
      </h2>
      <p className="mt-1 text-sm">
        Send <code className="font-mono text-[0.8125rem]">Authorization: Bearer &lt;token&gt;</code>: a JWT signed with
        ES256, RS256 or EdDSA by the private half of one of your signing keys.
      </p>
      <dl className="mt-4 space-y-2 text-sm">
        {CLAIMS.map(([name, words, need]) => (
          <div key={name} className="grid gap-x-4 sm:grid-cols-[6rem_1fr]">
            <dt className="font-mono text-[0.8125rem]">{name}</dt>
            <dd>
              {words} <span className="text-muted">({need})</span>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

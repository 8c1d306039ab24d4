import { z } from "zod";
import type { Provider } from "@/lib/platform/prisma-client/enums";
import type { Secret } from "../vault/vault";
import type { UpstreamAddress } from "./remote-url";
import type { Ask } from "./probe";

/** What a host tells of the token itself. */
export interface TokenFacts {
  expiresAt: Date | null;
  scopes: string[];
  lastUsedAt: Date | null;
}

export const NO_TOKEN_FACTS: TokenFacts = { expiresAt: null, scopes: [], lastUsedAt: null };

const description = z.object({
  expires_at: z.iso.date().nullish(),
  scopes: z
    .array(z.string().regex(/^[\w:.-]{1,100}$/))
    .max(50)
    .catch([]),
  last_used_at: z.iso.datetime({ offset: true }).nullish().catch(null),
});

/** GitLab describes a token to the token itself, whatever its scopes; no other host does. A token ends at 00:00 UTC. */
export async function readTokenFacts(
  client: Ask,
  { host, provider }: UpstreamAddress,
  hostSays: Provider | null,
  secret: Secret,
): Promise<TokenFacts> {
  if ((hostSays ?? provider) !== "gitlab") return NO_TOKEN_FACTS;
  const authorization = `Bearer ${secret.password}`;
  // What is no token in a header's alphabet is a password, which this endpoint knows nothing of.
  if (!/^[\x21-\x7e ]+$/.test(authorization)) return NO_TOKEN_FACTS;
  try {
    const { status, body } = await client(host, "/api/v4/personal_access_tokens/self", authorization);
    if (status !== 200) return NO_TOKEN_FACTS;
    const { expires_at: expires, scopes, last_used_at: used } = description.parse(JSON.parse(body.toString("utf8")));
    return {
      expiresAt: expires ? new Date(`${expires}T00:00:00Z`) : null,
      scopes,
      lastUsedAt: used ? new Date(used) : null,
    };
  } catch {
    // A fact that cannot be had is no verdict on the secret.
    return NO_TOKEN_FACTS;
  }
}

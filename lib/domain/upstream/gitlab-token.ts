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

/** GitLab's scopes by its documentation. Another word is no scope but the host's own, and is not kept. */
const SCOPES = [
  "api",
  "read_api",
  "read_user",
  "read_repository",
  "write_repository",
  "read_registry",
  "write_registry",
  "read_virtual_registry",
  "write_virtual_registry",
  "read_package_registry",
  "write_package_registry",
  "create_runner",
  "manage_runner",
  "k8s_proxy",
  "ai_features",
  "self_rotate",
  "sudo",
  "admin_mode",
  "read_service_ping",
  "granular",
] as const;

/** Where GitLab describes a token to the token itself. */
export const SELF = "/api/v4/personal_access_tokens/self";

/** What is of use of that. */
export const tokenDescription = z.object({
  created_at: z.iso.datetime({ offset: true }).nullish().catch(null),
  expires_at: z.iso.date().nullish(),
  scopes: z.array(z.unknown()).catch([]),
  last_used_at: z.iso.datetime({ offset: true }).nullish().catch(null),
});

/** GitLab describes a token to the token itself, whatever its scopes; no other host does. */
export async function readTokenFacts(
  get: Ask,
  { provider }: Pick<UpstreamAddress, "provider">,
  hostSays: Provider | null,
  secret: Secret,
): Promise<TokenFacts> {
  if ((hostSays ?? provider) !== "gitlab") return NO_TOKEN_FACTS;
  const authorization = tokenAuthorization(secret.password);
  if (authorization === null) return NO_TOKEN_FACTS;
  try {
    const { status, body } = await get(SELF, authorization);
    if (status !== 200) return NO_TOKEN_FACTS;
    const {
      expires_at: expires,
      scopes,
      last_used_at: used,
    } = tokenDescription.parse(JSON.parse(body.toString("utf8")));
    return {
      expiresAt: expires ? endOfToken(expires) : null,
      scopes: SCOPES.filter((scope) => scopes.includes(scope)),
      lastUsedAt: used ? new Date(used) : null,
    };
  } catch {
    // A fact that cannot be had is no verdict on the secret.
    return NO_TOKEN_FACTS;
  }
}

/** A token ends at 00:00 UTC of its day. */
export function endOfToken(day: string): Date {
  return new Date(`${day}T00:00:00Z`);
}

/** Null for what is no token in a header's alphabet but a password, which these endpoints know nothing of. */
export function tokenAuthorization(token: string): string | null {
  return /^[\x21-\x7e ]+$/.test(token) ? `Bearer ${token}` : null;
}

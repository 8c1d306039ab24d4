import type { Provider } from "@/lib/platform/prisma-client/enums";
import type { Secret } from "../vault/vault";

/** Sent where none is stored: these hosts want one, and any will do. */
const DEFAULT_USERNAMES: Partial<Record<Provider, string>> = { gitlab: "oauth2", bitbucket: "x-token-auth" };

/** The one header that carries a secret to its upstream. */
export function basicAuthorization(provider: Provider, { username, password }: Secret): string {
  const name = username ?? DEFAULT_USERNAMES[provider] ?? "git";
  return `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;
}

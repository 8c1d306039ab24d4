import type { AddressInfo } from "node:net";
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

/** What the provider says of somebody. */
export interface ProvidedUser {
  email: string;
  verified: boolean;
}

export interface IdentityProvider {
  issuer: string;
  /** What a Latchkey must be told to use it. */
  variables: Record<string, string>;
  /** Who signs in there under which name, which is the subject; any password is right. */
  users: Map<string, ProvidedUser>;
  stop(): Promise<void>;
}

/** A real OpenID Connect provider on loopback, for one client: the Latchkey at the given address. */
export async function startIdentityProvider(latchkeyUrl: string): Promise<IdentityProvider> {
  const users = new Map<string, ProvidedUser>();
  const client = { client_id: "latchkey", client_secret: "only-for-tests" };
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, () => resolve()));
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [{ ...client, redirect_uris: [`${latchkeyUrl}/api/auth/callback/oidc`] }],
    claims: { openid: ["sub"], email: ["email", "email_verified"] },
    pkce: { required: () => true },
    cookies: { keys: ["only for tests"] },
    ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
    findAccount: (_, name) => {
      const user = users.get(name);
      if (!user) return undefined;
      const { email, verified } = user;
      return { accountId: name, claims: () => ({ sub: name, email, email_verified: verified }) };
    },
  });
  server.on("request", (request, response) => void provider.callback()(request, response));
  return {
    issuer,
    variables: {
      AUTH_OIDC_ISSUER: issuer,
      AUTH_OIDC_ID: client.client_id,
      AUTH_OIDC_SECRET: client.client_secret,
    },
    users,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

import type { AddressInfo } from "node:net";
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

/** What the provider says of somebody. */
export interface ProvidedUser {
  email: string;
  verified: boolean;
  /** Whether it says so in the ID token, and not behind the userinfo endpoint. */
  inIdToken?: boolean;
}

export interface IdentityProvider {
  issuer: string;
  /** What a Latchkey must be told to use it. */
  variables: Record<string, string>;
  /** Who signs in there under which name, which is the subject; any password is right. */
  users: Map<string, ProvidedUser>;
  /** How often its configuration was asked for. */
  discoveries(): number;
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
    // So that claims may stand in the ID token.
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    cookies: { keys: ["only for tests"] },
    ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
    findAccount: (_, name) => {
      const user = users.get(name);
      if (!user) return undefined;
      const { email, verified, inIdToken } = user;
      const said = { email, email_verified: verified };
      return {
        accountId: name,
        claims: (use) => ({ sub: name, ...((use === "id_token") === (inIdToken ?? false) && said) }),
      };
    },
  });
  let discoveries = 0;
  server.on("request", (request, response) => {
    if (request.url?.startsWith("/.well-known/openid-configuration")) discoveries += 1;
    void provider.callback()(request, response);
  });
  return {
    issuer,
    variables: {
      AUTH_OIDC_ISSUER: issuer,
      AUTH_OIDC_ID: client.client_id,
      AUTH_OIDC_SECRET: client.client_secret,
    },
    users,
    discoveries: () => discoveries,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

import "server-only";
import type { NextAuthOptions, Profile } from "next-auth";
import type { OAuthConfig } from "next-auth/providers/oauth";
import { email as emailSchema } from "@/lib/contract/members";
import { refusedPath } from "@/lib/contract/single-sign-on";
import type { Proved } from "@/lib/domain/members/lock-user";
import { IdentityRefused, signInWithIdentity } from "@/lib/domain/members/sign-in-with-identity";
import { unknownError } from "@/lib/platform/api/error-response";
import { identityProvider } from "@/lib/platform/env";
import { log } from "@/lib/platform/log";
import { anonymousContext } from "./anonymous-context";
import { recordAfterwards } from "./failed-sign-in";
import { requestId } from "./request-facts";
import { forgetAddress } from "./sign-in-throttle";
import { recordSession } from "./start-session";

/** The provider's name in the callback's address. */
export const PROVIDER = "oidc";

const TIMEOUT_MS = 5_000;

interface Claims extends Profile {
  sub: string;
  iss: string;
  email_verified?: unknown;
}

/** next-auth hands its user on from step to step: ours has what was proved. */
interface OurUser {
  id: string;
  proved?: Proved;
}

/** The configured identity provider for next-auth, and what becomes of those whom it vouches for. */
export function oidcProvider(): Pick<NextAuthOptions, "providers" | "callbacks" | "logger"> {
  const configured = identityProvider();
  if (!configured) throw new Error("There is no identity provider.");
  const { issuer, clientId, clientSecret } = configured;
  const provider: OAuthConfig<Claims> = {
    id: PROVIDER,
    name: "Single sign-on",
    type: "oauth",
    wellKnown: `${withoutSlash(issuer)}/.well-known/openid-configuration`,
    clientId,
    clientSecret,
    checks: ["pkce", "state", "nonce"],
    idToken: true,
    authorization: { params: { scope: "openid email" } },
    httpOptions: { timeout: TIMEOUT_MS },
    // Many providers put the address into the token, others only behind the userinfo endpoint; the two are never mixed.
    userinfo: {
      request: async ({ client, tokens }) => {
        const claims = (tokens as unknown as { claims(): Claims }).claims();
        const said = claims.email === undefined ? await client.userinfo<Claims>(tokens as never) : claims;
        return { iss: claims.iss, sub: claims.sub, email: said.email, email_verified: said.email_verified };
      },
    },
    profile: ({ sub }) => ({ id: sub }),
  };
  return {
    providers: [provider],
    callbacks: {
      signIn: async ({ user, profile }) => letIn(issuer, user, profile as Claims),
      jwt: async ({ token, user, account }) =>
        account ? { sub: user.id, sid: (await recordSession((user as OurUser).proved!, "single_sign_on")).id } : token,
    },
    // What next-auth would print holds what the provider answered.
    logger: { error: (event) => log.warn({ error: event }, "single sign-on failed"), warn: () => {}, debug: () => {} },
  };
}

/** Makes the provider's user ours; otherwise answers where to say why not. */
async function letIn(
  issuer: string,
  user: OurUser,
  { iss, sub, email, email_verified }: Claims,
): Promise<true | string> {
  // What is found at the configured address may be another issuer's: one that anybody can make accounts at, perhaps.
  if (withoutSlash(iss) !== withoutSlash(issuer)) {
    log.warn({ error: "OTHER_ISSUER" }, "single sign-on failed");
    return refusedPath("failed");
  }
  try {
    const identity = { issuer: iss, subject: sub, email, emailVerified: email_verified };
    user.proved = await signInWithIdentity(await anonymousContext(), identity);
    user.id = user.proved.userId;
    await forgetAddress();
    return true;
  } catch (error) {
    if (error instanceof IdentityRefused) {
      const said = emailSchema.safeParse(email);
      if (said.success) await recordAfterwards({ account: { email: said.data }, why: error.reason });
      return refusedPath(error.reason);
    }
    unknownError(error, await requestId());
    return refusedPath("failed");
  }
}

function withoutSlash(issuer: string): string {
  return issuer.replace(/\/$/, "");
}

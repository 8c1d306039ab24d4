import "server-only";
import NextAuth, { type NextAuthOptions } from "next-auth";
import { decode } from "next-auth/jwt";
import { cookies } from "next/headers";
import { NextRequest, NextResponse } from "next/server";
import { refusedPath } from "@/lib/contract/single-sign-on";
import { authSecret, env, identityProvider } from "@/lib/platform/env";
import { authOptions } from "./auth-options";
import { hostCookie } from "./host-cookie";
import { oidcProvider, PROVIDER } from "./oidc-provider";

const STATE = "sso-state";

// next-auth's mechanism without its pages: its steps are asked here, and of its routes only the provider's callback is
// served. Cookies bind the browser to state, nonce and PKCE verifier until the provider sends it back.

/** Sends the browser to the identity provider; `next` is where it goes once it is signed in. */
export async function startSingleSignOn(next: string): Promise<Response> {
  // Proof for next-auth that its form was ours: the token, and the cookie that it is compared with.
  const csrf = await step(new NextRequest(stepUrl("csrf")), ["csrf"]);
  const { csrfToken } = (await csrf.json()) as { csrfToken: string };
  const jar = await cookies();
  for (const cookie of new NextResponse(null, csrf).cookies.getAll()) jar.set(cookie);
  const body = new URLSearchParams({ csrfToken, callbackUrl: `${env().LATCHKEY_URL}${next}` });
  const request = new NextRequest(stepUrl("signin", PROVIDER), { method: "POST", body });
  return asRedirect(await step(request, ["signin", PROVIDER]));
}

/** What the identity provider's callback leads to: a session where somebody is let in, else the sign-in page. */
export async function finishSingleSignOn(request: Request): Promise<Response> {
  if (!identityProvider()) return seeOther("/sign-in");
  if (!(await wasSentThere())) return seeOther(refusedPath("failed"));
  const { search } = new URL(request.url);
  return asRedirect(await step(new NextRequest(stepUrl("callback", PROVIDER) + search), ["callback", PROVIDER]));
}

/** Whether this browser was sent to the provider by us: next-auth would ask the provider something before it looks. */
async function wasSentThere(): Promise<boolean> {
  const { name } = hostCookie(STATE);
  const token = (await cookies()).get(name)?.value;
  if (!token) return false;
  return (await decode({ token, secret: authSecret(), salt: name }).catch(() => null)) !== null;
}

/** An answer that is nothing but the way to another page. */
export function seeOther(location: string, setCookies: readonly string[] = []): Response {
  const headers = new Headers({ location, "cache-control": "no-store" });
  for (const cookie of setCookies) headers.append("set-cookie", cookie);
  return new Response(null, { status: 303, headers });
}

function stepUrl(...path: string[]): string {
  return [env().LATCHKEY_URL, "api", "auth", ...path].join("/");
}

async function step(request: NextRequest, nextauth: string[]): Promise<Response> {
  return (await NextAuth(request as never, { params: Promise.resolve({ nextauth }) } as never, options())) as Response;
}

/** Where next-auth's answer leads. To one of its own pages, which are not served, means that something went wrong. */
function asRedirect(answer: Response): Response {
  const to = answer.headers.get("location");
  const failed = to === null || to.startsWith(stepUrl(""));
  return seeOther(failed ? refusedPath("failed") : to, answer.headers.getSetCookie());
}

function options(): NextAuthOptions {
  const base = authOptions();
  return {
    ...base,
    ...oidcProvider(),
    cookies: {
      ...base.cookies,
      csrfToken: hostCookie("sso-csrf"),
      callbackUrl: hostCookie("sso-next"),
      state: hostCookie(STATE),
      nonce: hostCookie("sso-nonce"),
      pkceCodeVerifier: hostCookie("sso-verifier"),
    },
  };
}

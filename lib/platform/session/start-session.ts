import "server-only";
import { encode } from "next-auth/jwt";
import { cookies } from "next/headers";
import type { Proved } from "@/lib/domain/members/lock-user";
import { beginSession, type SignedInWith } from "@/lib/domain/sessions/begin-session";
import { SESSION_SECONDS, type BegunSession } from "@/lib/domain/sessions/insert-session";
import type { RenewedSession } from "@/lib/domain/sessions/renew-session";
import { authSecret } from "@/lib/platform/env";
import { anonymousContext } from "./anonymous-context";
import { sessionCookie } from "./auth-options";
import type { CurrentUser } from "./current-member";
import { rememberBrowser } from "./known-browser";
import { remoteAddress, requestingBrowser } from "./request-facts";

/** Writes down that the user is signed in to the browser that asks. */
export async function recordSession({ userId, epoch }: Proved, method: SignedInWith): Promise<BegunSession> {
  const [address, browser] = await Promise.all([remoteAddress(), requestingBrowser()]);
  return beginSession(await anonymousContext(), { proved: { userId, epoch }, method, address, browser });
}

/** Signs the user in to this browser: a row that every request asks for, and a cookie that names it. */
export async function startSession(proved: Proved, method: SignedInWith): Promise<void> {
  await setSessionCookie(proved.userId, await recordSession(proved, method));
}

/** Goes on in this browser, where a change of the user's own has ended all of their sessions. */
export async function goOn({ userId, email }: CurrentUser, renewed: RenewedSession): Promise<void> {
  await setSessionCookie(userId, renewed);
  await rememberBrowser({ email, epoch: renewed.epoch });
}

async function setSessionCookie(userId: string, { id, expiresAt }: BegunSession): Promise<void> {
  const token = await encode({ token: { sub: userId, sid: id }, secret: authSecret(), maxAge: SESSION_SECONDS });
  const { name, options } = sessionCookie();
  (await cookies()).set(name, token, { ...options, expires: expiresAt });
}

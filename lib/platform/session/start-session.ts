import "server-only";
import { encode } from "next-auth/jwt";
import { cookies } from "next/headers";
import { beginSession, SESSION_SECONDS } from "@/lib/domain/sessions/begin-session";
import type { SignInMethod } from "@/lib/platform/prisma-client/enums";
import { authSecret } from "@/lib/platform/env";
import { anonymousContext } from "./anonymous-context";
import { sessionCookie } from "./auth-options";
import { remoteAddress, requestingBrowser } from "./request-facts";

/** Writes down that the user is signed in to the browser that asks. */
export async function recordSession(userId: string, method: SignInMethod) {
  const [address, browser] = await Promise.all([remoteAddress(), requestingBrowser()]);
  return beginSession(await anonymousContext(), { userId, method, address, browser });
}

/** Signs the user in to this browser: a row that every request asks for, and a cookie that names it. */
export async function startSession(userId: string, method: SignInMethod): Promise<void> {
  const { id, expiresAt } = await recordSession(userId, method);
  const token = await encode({ token: { sub: userId, sid: id }, secret: authSecret(), maxAge: SESSION_SECONDS });
  const { name, options } = sessionCookie();
  (await cookies()).set(name, token, { ...options, expires: expiresAt });
}

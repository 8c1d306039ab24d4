import "server-only";
import { cookies } from "next/headers";
import type { Proved } from "@/lib/domain/members/lock-user";
import { beginPendingSignIn } from "@/lib/domain/sessions/pending-sign-in";
import { anonymousContext } from "./anonymous-context";
import { hostCookie } from "./host-cookie";
import { rememberBrowser } from "./known-browser";
import { startSession } from "./start-session";

/** What follows a right password: a session, or the question for a code. Returns where to go. */
export async function afterPassword(
  proved: Proved & { email: string; secondFactor: boolean },
  next: string,
): Promise<string> {
  if (!proved.secondFactor) {
    await startSession(proved, "password");
    await rememberBrowser(proved);
    return next;
  }
  const { token, expiresAt } = await beginPendingSignIn(await anonymousContext(), proved);
  await rememberBrowser(proved);
  const { name, options } = hostCookie("pending-sign-in");
  (await cookies()).set(name, token, { ...options, expires: expiresAt });
  return `/sign-in/code?next=${encodeURIComponent(next)}`;
}

/** The token of this browser's sign-in that waits for its code; empty where there is none. */
export async function pendingSignInToken(): Promise<string> {
  return (await cookies()).get(hostCookie("pending-sign-in").name)?.value ?? "";
}

/** What follows a right code. */
export async function afterCode(proved: Proved & { method: "code" | "recovery_code" }): Promise<void> {
  const { name, options } = hostCookie("pending-sign-in");
  (await cookies()).set(name, "", { ...options, maxAge: 0 });
  await startSession(proved, proved.method);
}

import "server-only";
import type { NextAuthOptions } from "next-auth";
import { authSecret, env } from "@/lib/platform/env";

/** A session ends this long after signing in. */
export const SESSION_SECONDS = 14 * 24 * 60 * 60;

/** The session cookie; `__Host-` ties it to this very host, which a browser grants under HTTPS only. */
export function sessionCookie() {
  const secure = env().LATCHKEY_URL.startsWith("https://");
  return {
    name: secure ? "__Host-latchkey.session" : "latchkey.session",
    options: { httpOnly: true, sameSite: "lax", path: "/", secure } as const,
  };
}

let options: NextAuthOptions | undefined;

/** next-auth's configuration. The token carries ids only; whether they still mean anything is asked of the database. */
export function authOptions(): NextAuthOptions {
  options ??= {
    secret: authSecret(),
    session: { strategy: "jwt", maxAge: SESSION_SECONDS },
    cookies: { sessionToken: sessionCookie() },
    providers: [],
    callbacks: {
      session: ({ token }) => ({ expires: "", userId: token.sub, sessionId: token.sid }),
    },
  };
  return options;
}

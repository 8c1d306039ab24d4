import "server-only";
import type { NextAuthOptions } from "next-auth";
import { SESSION_SECONDS } from "@/lib/domain/sessions/insert-session";
import { authSecret } from "@/lib/platform/env";
import { hostCookie } from "./host-cookie";

/** The cookie that names a session, as next-auth encodes it. */
export function sessionCookie() {
  return hostCookie("session");
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

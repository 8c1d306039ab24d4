import "server-only";
import { encode } from "next-auth/jwt";
import { cookies } from "next/headers";
import { newId } from "@/lib/domain/new-id";
import { database } from "@/lib/platform/database/client";
import { authSecret } from "@/lib/platform/env";
import { SESSION_SECONDS, sessionCookie } from "./auth-options";

/** Signs the user in to this browser: a row that every request asks for, and a cookie that names it. */
export async function startSession(userId: string): Promise<void> {
  const id = newId("ses");
  const now = new Date();
  const expires = new Date(now.getTime() + SESSION_SECONDS * 1000);
  const sessions = database().session;
  await sessions.deleteMany({ where: { userId, expiresAt: { lt: now } } });
  await sessions.create({ data: { id, userId, createdAt: now, expiresAt: expires } });
  const token = await encode({ token: { sub: userId, sid: id }, secret: authSecret(), maxAge: SESSION_SECONDS });
  const { name, options } = sessionCookie();
  (await cookies()).set(name, token, { ...options, expires });
}

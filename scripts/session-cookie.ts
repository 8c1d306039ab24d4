import { encode } from "next-auth/jwt";
import { newId } from "@/lib/domain/new-id";
import type { PrismaClient } from "@/lib/platform/prisma-client/client";

const LIFETIME_SECONDS = 24 * 60 * 60;

/** The cookie that a sign-in would have made, of a session that lasts a day. */
export async function sessionCookie(
  db: PrismaClient,
  userId: string,
  authSecret: string,
): Promise<{ name: string; value: string }> {
  const id = newId("ses");
  await db.session.create({ data: { id, userId, expiresAt: new Date(Date.now() + LIFETIME_SECONDS * 1000) } });
  const value = await encode({ token: { sub: userId, sid: id }, secret: authSecret, maxAge: LIFETIME_SECONDS });
  return { name: "latchkey.session", value };
}

import { randomBytes } from "node:crypto";
import { encode } from "next-auth/jwt";
import { newId } from "@/lib/domain/new-id";
import type { PrismaClient } from "@/lib/platform/prisma-client/client";
import { makeMember, type MadeOrganization } from "@/prisma/factories";

const LIFETIME_SECONDS = 24 * 60 * 60;

/** A signed-in owner's cookie, made as the sign-in makes it, for measuring pages. */
export async function sessionCookie(
  db: PrismaClient,
  organization: MadeOrganization,
  authSecret: string,
): Promise<string> {
  const id = newId("ses");
  const [email, password] = [`${id}@example.com`, randomBytes(12).toString("hex")];
  const { userId } = await makeMember(db, organization, { email, password, role: "owner" });
  await db.session.create({ data: { id, userId, expiresAt: new Date(Date.now() + LIFETIME_SECONDS * 1000) } });
  const token = await encode({ token: { sub: userId, sid: id }, secret: authSecret, maxAge: LIFETIME_SECONDS });
  return `latchkey.session=${token}`;
}

import { randomBytes } from "node:crypto";
import { encode } from "next-auth/jwt";
import { newId } from "@/lib/domain/new-id";
import type { PrismaClient } from "@/lib/platform/prisma-client/client";
import type { Role } from "@/lib/platform/prisma-client/enums";
import { makeMember, type MadeOrganization } from "@/prisma/factories";

const LIFETIME_SECONDS = 24 * 60 * 60;

/** A new member who is signed in for a day, with the cookie that the sign-in would have made. */
export async function signedInMember(
  db: PrismaClient,
  organization: MadeOrganization,
  role: Role,
  authSecret: string,
): Promise<{ userId: string; email: string; cookie: string }> {
  const id = newId("ses");
  const [email, password] = [`${id}@example.com`, randomBytes(12).toString("hex")];
  const { userId } = await makeMember(db, organization, { email, password, role });
  await db.session.create({ data: { id, userId, expiresAt: new Date(Date.now() + LIFETIME_SECONDS * 1000) } });
  const token = await encode({ token: { sub: userId, sid: id }, secret: authSecret, maxAge: LIFETIME_SECONDS });
  return { userId, email, cookie: `latchkey.session=${token}` };
}

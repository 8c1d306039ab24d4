import { randomBytes } from "node:crypto";
import type { PrismaClient } from "@/lib/platform/prisma-client/client";
import type { Role } from "@/lib/platform/prisma-client/enums";
import { makeMember, type MadeOrganization } from "@/prisma/factories";
import { sessionCookie } from "./session-cookie";

/** A new member who is signed in for a day, with the header's text of the cookie that the sign-in would have made. */
export async function signedInMember(
  db: PrismaClient,
  organization: MadeOrganization,
  role: Role,
  authSecret: string,
): Promise<{ userId: string; email: string; cookie: string }> {
  const [email, password] = [`${randomBytes(12).toString("hex")}@example.com`, randomBytes(12).toString("hex")];
  const { userId } = await makeMember(db, organization, { email, password, role });
  const { name, value } = await sessionCookie(db, userId, authSecret);
  return { userId, email, cookie: `${name}=${value}` };
}

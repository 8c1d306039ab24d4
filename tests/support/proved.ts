import type { Proved } from "@/lib/domain/members/lock-user";
import type { PrismaClient } from "@/lib/platform/prisma-client/client";

/** What somebody has who proves who they are at this moment. */
export async function provedNow(db: PrismaClient, userId: string): Promise<Proved> {
  const { epoch } = await db.user.findUniqueOrThrow({ where: { id: userId }, select: { epoch: true } });
  return { userId, epoch };
}

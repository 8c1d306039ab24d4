import { createHash } from "node:crypto";
import type { PrismaClient } from "@/lib/platform/prisma-client/client";

/**
 * Recomputes an organization's chain from its rows, as somebody outside would, and compares its end with the head.
 * Says "holds", or where it breaks.
 */
export async function auditChain(db: PrismaClient, organizationId: string): Promise<string> {
  const events = await db.auditEvent.findMany({ where: { organizationId }, orderBy: { seq: "asc" } });
  const head = await db.auditChain.findUniqueOrThrow({ where: { organizationId } });
  let previous = Buffer.alloc(32);
  for (const [index, { seq, payload, prevHash, hash }] of events.entries()) {
    if (Number(seq) !== index + 1) return `number ${index + 1} is missing`;
    const computed = createHash("sha256").update(previous).update(`${seq}\n${payload}`).digest();
    if (!previous.equals(prevHash) || !computed.equals(hash)) return `breaks at ${seq}`;
    previous = computed;
  }
  return Number(head.seq) === events.length && previous.equals(head.hash) ? "holds" : "its head is another";
}

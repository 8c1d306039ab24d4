import { recordAudit } from "../audit/record-audit";
import type { Context, Transaction } from "../context";
import { DomainError } from "../errors";
import { newId } from "../new-id";

/**
 * Creates an organization with the start of its audit chain, and its first event under the given name.
 * Throws `conflict` where the name is taken.
 */
export async function createOrganization(
  tx: Transaction,
  ctx: Pick<Context, "clock" | "requestId" | "address">,
  input: { slug: string; by: string },
): Promise<{ id: string; slug: string }> {
  const id = newId("org");
  const { slug } = input;
  const { count } = await tx.organization.createMany({
    data: { id, slug, createdAt: ctx.clock() },
    skipDuplicates: true,
  });
  if (count === 0) throw new DomainError("conflict", `An organization called "${slug}" already exists.`);
  await tx.auditChain.create({ data: { organizationId: id, hash: new Uint8Array(32) } });
  const actor = { kind: "system", name: input.by, organizationId: id, organizationSlug: slug } as const;
  await recordAudit(tx, { ...ctx, actor }, { action: "organization.created", targetId: id, details: { slug } });
  return { id, slug };
}

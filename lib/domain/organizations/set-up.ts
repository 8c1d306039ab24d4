import type { Context } from "../context";
import { recordAudit } from "../audit/record-audit";
import type { Proved } from "../members/lock-user";
import { useOneTimeLink } from "../members/one-time-link";
import { hashPassword } from "../members/password";
import { newId } from "../new-id";
import { createOrganization } from "./create-organization";

export interface SetUpInput {
  token: string;
  organization: string;
  email: string;
  password: string;
}

/**
 * Makes the first organization and its owner, by the set-up link alone. Throws `not_found` for a link that is no longer
 * good, and `conflict` where the organization's name is taken; the link then stays good.
 */
export async function setUp(
  ctx: Pick<Context, "db" | "clock" | "requestId" | "address">,
  input: SetUpInput,
): Promise<Proved & { organization: string }> {
  const passwordHash = await hashPassword(input.password);
  const { email } = input;
  const userId = newId("usr");
  return ctx.db.$transaction(async (tx) => {
    await useOneTimeLink(tx, ctx, "setup", input.token);
    const { id: organizationId, slug } = await createOrganization(tx, ctx, { slug: input.organization, by: "set-up" });
    const { epoch } = await tx.user.create({
      data: { id: userId, email, passwordHash, createdAt: ctx.clock() },
      select: { epoch: true },
    });
    await tx.membership.create({ data: { organizationId, userId, role: "owner", createdAt: ctx.clock() } });
    const actor = { kind: "member", userId, email, role: "owner", organizationId, organizationSlug: slug } as const;
    await recordAudit(
      tx,
      { ...ctx, actor },
      { action: "member.joined", targetId: userId, details: { email, role: "owner" } },
    );
    return { userId, epoch, organization: slug };
  });
}

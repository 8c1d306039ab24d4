import type { SignInRule } from "@/lib/contract/second-factor";
import { requirePermission } from "../access/permissions";
import type { Context } from "../context";

/** As many names as a page shows. */
const SHOWN = 50;

/** Whether the organization asks for a second factor, and who has none. Throws `forbidden` to all but owners. */
export async function readSignInRule(ctx: Context): Promise<SignInRule> {
  requirePermission(ctx.actor, "sign-in-rule:write");
  const { organizationId } = ctx.actor;
  const without = {
    organizationId,
    user: { passwordHash: { not: null }, OR: [{ secondFactor: null }, { secondFactor: { confirmedAt: null } }] },
  };
  const [{ secondFactorRequired }, members, count, rows] = await Promise.all([
    ctx.db.organization.findUniqueOrThrow({
      where: { id: organizationId },
      select: { secondFactorRequired: true },
    }),
    ctx.db.membership.count({ where: { organizationId } }),
    ctx.db.membership.count({ where: without }),
    ctx.db.membership.findMany({
      where: without,
      orderBy: [{ createdAt: "asc" }, { userId: "asc" }],
      take: SHOWN,
      select: { user: { select: { email: true } } },
    }),
  ]);
  return { secondFactorRequired, members, without: { count, emails: rows.map(({ user }) => user.email) } };
}

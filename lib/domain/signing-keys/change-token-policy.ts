import type { TokenPolicy } from "@/lib/contract/token-claims";
import { requirePermission } from "../access/permissions";
import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";

/** Sets what the organization asks of its tokens; the next request is judged by it. */
export async function changeTokenPolicy(ctx: Context, { audience, maxMinutes }: TokenPolicy): Promise<void> {
  requirePermission(ctx.actor, "signing-key:write");
  const { organizationId } = ctx.actor;
  await ctx.db.$transaction(async (tx) => {
    await tx.organization.update({
      where: { id: organizationId },
      data: { tokenAudience: audience, tokenMaxMinutes: maxMinutes },
    });
    await recordAudit(tx, ctx, {
      action: "organization.token_policy_changed",
      targetId: organizationId,
      details: { audience, max_minutes: maxMinutes },
    });
  });
}

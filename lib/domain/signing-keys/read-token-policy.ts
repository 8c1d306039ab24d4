import type { TokenPolicy } from "@/lib/contract/token-claims";
import { requirePermission } from "../access/permissions";
import type { Context } from "../context";

/** What the organization asks of its tokens. */
export async function readTokenPolicy(ctx: Context): Promise<TokenPolicy> {
  requirePermission(ctx.actor, "signing-key:read");
  const { tokenAudience, tokenMaxMinutes } = await ctx.db.organization.findUniqueOrThrow({
    where: { id: ctx.actor.organizationId },
    select: { tokenAudience: true, tokenMaxMinutes: true },
  });
  return { audience: tokenAudience, maxMinutes: tokenMaxMinutes };
}

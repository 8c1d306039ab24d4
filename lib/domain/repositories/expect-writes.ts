import { requirePermission } from "../access/permissions";
import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { findRepository } from "./find-repository";

/** Says whether the upstream is also written to with the credential. Throws as `findRepository` does. */
export async function expectWrites(ctx: Context, input: { repository: string; expectsWrite: boolean }): Promise<void> {
  requirePermission(ctx.actor, "repository:write");
  const { id, name } = await findRepository(ctx, input.repository);
  const { expectsWrite } = input;
  await ctx.db.$transaction(async (tx) => {
    await tx.repository.update({ where: { id }, data: { expectsWrite } });
    await recordAudit(tx, ctx, {
      action: "repository.write_expected",
      targetId: id,
      details: { name, expected: expectsWrite },
    });
  });
}

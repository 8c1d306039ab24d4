import type { ProviderName } from "@/lib/contract/providers";
import { actorName } from "../access/actor";
import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { holdSecret } from "../credentials/secrets-in-use";
import { newId } from "../new-id";
import { importBinding } from "./import-binding";
import { planImport, type Plan } from "./plan-import";
import { requireImporter } from "./require-importer";

/**
 * Keeps lines to be looked at before anything is made of them: what each asks for, its sign-in sealed, and of a line that
 * cannot be read its number and the reason alone. It takes the place of what the same actor had waiting before. Throws as
 * `parseLines`.
 */
export async function prepareImport(
  ctx: Context,
  input: { text: string; provider: ProviderName | null },
): Promise<{ id: string }> {
  requireImporter(ctx.actor);
  const plan = await planImport(ctx, input);
  const id = newId("imp");
  const { organizationId } = ctx.actor;
  const requestedBy = actorName(ctx.actor);
  const items = itemsOf(ctx, id, plan);
  const waits = { organizationId, requestedBy, startedAt: null, finishedAt: null };
  await ctx.db.$transaction(async (tx) => {
    for (const before of await tx.repositoryImport.findMany({ where: waits, select: { id: true } })) {
      const cancelled = await tx.importItem.count({ where: { importId: before.id, state: "waiting" } });
      const { count } = await tx.repositoryImport.deleteMany({ where: { ...waits, id: before.id } });
      if (count === 0) continue;
      await recordAudit(tx, ctx, { action: "import.cancelled", targetId: before.id, details: { lines: cancelled } });
    }
    await tx.repositoryImport.create({ data: { id, organizationId, requestedBy, createdAt: ctx.clock() } });
    await tx.importItem.createMany({ data: items });
    const lines = items.filter(({ state }) => state === "waiting").length;
    await recordAudit(tx, ctx, { action: "import.prepared", targetId: id, details: { lines } });
  });
  return { id };
}

function itemsOf(ctx: Context, importId: string, plan: Plan) {
  const { organizationId } = ctx.actor;
  return plan.map((planned) => {
    const { line } = planned;
    if ("problem" in planned) {
      const state = "unusable" as const;
      return { importId, line, secretGiven: false, repositoryExists: false, state, code: planned.problem };
    }
    const { repository, upstream, secret, repositoryExists, there } = planned;
    const { provider, host, owner, name } = upstream;
    const release = secret ? holdSecret(secret.password, secret.username) : () => undefined;
    const sealed =
      secret && !there ? ctx.vault.seal(importBinding({ organizationId, importId, line, host }), secret) : {};
    release();
    return {
      importId,
      line,
      repositoryName: repository,
      ...{ provider, host, owner, upstreamName: name },
      secretGiven: secret !== null,
      repositoryExists,
      state: there ? ("there" as const) : ("waiting" as const),
      ...sealed,
    };
  });
}

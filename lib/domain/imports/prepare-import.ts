import type { ProviderName } from "@/lib/contract/providers";
import { actorName } from "../access/actor";
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
  await ctx.db.$transaction([
    ctx.db.repositoryImport.deleteMany({
      where: { organizationId, requestedBy, startedAt: null, finishedAt: null },
    }),
    ctx.db.repositoryImport.create({ data: { id, organizationId, requestedBy, createdAt: ctx.clock() } }),
    ctx.db.importItem.createMany({ data: items }),
  ]);
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

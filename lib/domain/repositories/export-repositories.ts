import { requirePermission } from "../access/permissions";
import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { REPOSITORY_SELECT, toRepositoryView, type RepositoryView } from "./repository-view";

const BATCH = 500;

/**
 * Records the export and then yields the organization's repositories in the order of their names, with what is known
 * of their credentials. Secrets are no part of it.
 */
export async function exportRepositories(
  ctx: Context,
  input: { format: "csv" },
): Promise<AsyncGenerator<RepositoryView>> {
  requirePermission(ctx.actor, "repository:list");
  requirePermission(ctx.actor, "credential:read");
  await ctx.db.$transaction((tx) =>
    recordAudit(tx, ctx, {
      action: "organization.repositories_exported",
      targetId: ctx.actor.organizationId,
      details: { format: input.format },
    }),
  );
  return readAll(ctx);
}

async function* readAll(ctx: Context): AsyncGenerator<RepositoryView> {
  let after = "";
  for (;;) {
    const rows = await ctx.db.repository.findMany({
      where: { organizationId: ctx.actor.organizationId, deletedAt: null, liveName: { gt: after } },
      orderBy: { liveName: "asc" },
      take: BATCH,
      select: REPOSITORY_SELECT,
    });
    for (const row of rows) yield toRepositoryView(row);
    if (rows.length < BATCH) return;
    after = rows.at(-1)!.name;
  }
}

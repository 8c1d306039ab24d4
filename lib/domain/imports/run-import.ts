import pLimit from "p-limit";
import type { Context } from "../context";
import { DomainError } from "../errors";
import { importLine, type LineEnd } from "./import-line";
import { openImportSecret } from "./import-secret";
import { recordFinished } from "./record-finished";

/** What the worker is told of an import. */
export interface ImportJob {
  importId: string;
}

/** Each tests a credential. */
export const LINES_AT_ONCE = 8;

/**
 * Goes on with an import where it stands, until each line has an end, somebody cancels it, or the signal aborts. A line
 * that was done by a run which was killed before it noted so finds everything there.
 */
export async function runImport(
  base: Omit<Context, "actor">,
  { importId }: ImportJob,
  signal: AbortSignal,
): Promise<"finished" | "stopped"> {
  const found = await base.db.repositoryImport.findUnique({
    where: { id: importId },
    select: { requestedBy: true, finishedAt: true, organization: { select: { id: true, slug: true } } },
  });
  if (!found || found.finishedAt) return "finished";
  const { organization, requestedBy } = found;
  const ctx: Context = {
    ...base,
    actor: {
      kind: "system",
      name: `import for ${requestedBy}`,
      organizationId: organization.id,
      organizationSlug: organization.slug,
    },
  };
  const lines = await ctx.db.importItem.findMany({
    where: { importId, state: "waiting" },
    orderBy: { line: "asc" },
    select: { line: true },
  });
  const limit = pLimit(LINES_AT_ONCE);
  await Promise.all(
    lines.map(({ line }) =>
      limit(async () => {
        if (!signal.aborted) await runLine(ctx, importId, line);
      }),
    ),
  );
  if (signal.aborted) return "stopped";
  await finish(ctx, importId);
  return "finished";
}

async function runLine(ctx: Context, importId: string, line: number): Promise<void> {
  // Read at its turn: it may be cancelled by now, or sealed under another master key.
  const item = await ctx.db.importItem.findFirst({ where: { importId, line, state: "waiting" } });
  if (!item?.repositoryName || !item.provider || !item.host || !item.owner || !item.upstreamName) return;
  const { repositoryName: repository, provider, host, owner, upstreamName: name, masterKeyId, sealed } = item;
  let end: LineEnd;
  try {
    const { organizationId } = ctx.actor;
    const bound = { organizationId, importId, line, host };
    const secret = item.secretGiven
      ? await openImportSecret(ctx, bound, { masterKeyId: masterKeyId!, sealed: sealed! })
      : null;
    end = await importLine(ctx, { repository, upstream: { provider, host, owner, name }, secret });
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    end = { state: "failed", outcome: null, code: error.code };
  }
  // What was cancelled while it was being done is told as it is.
  await ctx.db.importItem.updateMany({
    where: { importId, line, state: { in: ["waiting", "cancelled"] } },
    data: { ...end, at: ctx.clock(), masterKeyId: null, sealed: null },
  });
}

async function finish(ctx: Context, importId: string): Promise<void> {
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.repositoryImport.updateMany({
      where: { id: importId, finishedAt: null },
      data: { finishedAt: ctx.clock() },
    });
    if (count === 0) return;
    const groups = await tx.importItem.groupBy({ by: ["state"], where: { importId }, _count: true });
    const of = (state: string) => groups.find((group) => group.state === state)?._count ?? 0;
    await recordFinished(tx, ctx, importId, of);
  });
}

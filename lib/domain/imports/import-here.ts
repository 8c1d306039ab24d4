import pLimit from "p-limit";
import type { ImportCounts, ImportItemRow } from "@/lib/contract/imports";
import type { ProviderName } from "@/lib/contract/providers";
import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { newId } from "../new-id";
import { providerToWire } from "../repositories/provider-names";
import { remoteUrl } from "../upstream/remote-url";
import { importLine } from "./import-line";
import { planImport, type Plan } from "./plan-import";
import { recordFinished } from "./record-finished";
import { requireImporter } from "./require-importer";
import { LINES_AT_ONCE } from "./run-import";

/**
 * Does a whole import in this process, for an operator's command: nothing of it is kept, `tell` gets each line as it
 * ends, and what an abort leaves is found undone when it is done again. Returns how many lines ended how. Throws as
 * `parseLines`.
 */
export async function importHere(
  ctx: Context,
  input: { text: string; provider: ProviderName | null },
  { tell, signal }: { tell: (item: ImportItemRow) => void; signal: AbortSignal },
): Promise<Partial<ImportCounts>> {
  requireImporter(ctx.actor);
  const plan = await planImport(ctx, input);
  const id = newId("imp");
  const counts: Partial<ImportCounts> = {};
  const end = (item: ImportItemRow) => {
    counts[item.state] = (counts[item.state] ?? 0) + 1;
    tell(item);
  };
  for (const each of plan) if ("problem" in each || each.there) end(shown(each));
  const due = plan.flatMap((each) => ("problem" in each || each.there ? [] : [each]));
  await ctx.db.$transaction((tx) =>
    recordAudit(tx, ctx, { action: "import.started", targetId: id, details: { lines: due.length } }),
  );
  const limit = pLimit(LINES_AT_ONCE);
  await Promise.all(
    due.map((line) =>
      limit(async () => {
        end({ ...shown(line), ...(signal.aborted ? { state: "cancelled" } : await importLine(ctx, line)) });
      }),
    ),
  );
  await ctx.db.$transaction((tx) => recordFinished(tx, ctx, id, (state) => counts[state] ?? 0));
  return counts;
}

function shown(each: Plan[number]): ImportItemRow {
  const nothing = { outcome: null, code: null };
  if ("problem" in each) {
    const { line, problem } = each;
    const unread = { repositoryName: null, upstream: null, secretGiven: false, repositoryExists: false };
    return { line, ...unread, ...nothing, state: "unusable", code: problem };
  }
  const { line, repository, upstream, secret, repositoryExists, there } = each;
  return {
    line,
    repositoryName: repository,
    upstream: { ...upstream, provider: providerToWire(upstream.provider), url: remoteUrl(upstream) },
    secretGiven: secret !== null,
    repositoryExists,
    ...nothing,
    state: there ? "there" : "waiting",
  };
}

import type { ImportCounts, ImportItemRow, ImportRow } from "@/lib/contract/imports";
import type { Context } from "../context";
import { DomainError } from "../errors";
import { providerToWire } from "../repositories/provider-names";
import { remoteUrl } from "../upstream/remote-url";
import { requireImporter } from "./require-importer";

export interface ImportView extends ImportRow {
  counts: ImportCounts;
  items: ImportItemRow[];
}

const ROW = {
  id: true,
  requestedBy: true,
  createdAt: true,
  startedAt: true,
  finishedAt: true,
  cancelledAt: true,
} as const;

/** Named one by one: a line's sealed sign-in is not among them. */
const ITEM = {
  line: true,
  repositoryName: true,
  provider: true,
  host: true,
  owner: true,
  upstreamName: true,
  secretGiven: true,
  repositoryExists: true,
  state: true,
  outcome: true,
  code: true,
} as const;

/** An import and one numbered page of its lines, what asks for somebody first. Throws `not_found`. */
export async function readImport(
  ctx: Context,
  { id, page, pageSize }: { id: string; page: number; pageSize: number },
): Promise<ImportView> {
  requireImporter(ctx.actor);
  const where = { id, organizationId: ctx.actor.organizationId };
  const [found, groups, items] = await Promise.all([
    ctx.db.repositoryImport.findFirst({ where, select: ROW }),
    ctx.db.importItem.groupBy({ by: ["state"], where: { importId: id, import: where }, _count: true }),
    ctx.db.importItem.findMany({
      where: { importId: id, import: where },
      orderBy: [{ state: "asc" }, { line: "asc" }],
      skip: (page - 1) * pageSize,
      take: pageSize,
      select: ITEM,
    }),
  ]);
  if (!found) throw new DomainError("not_found", "There is no such import in this organization.");
  const none: ImportCounts = {
    failed: 0,
    without_credential: 0,
    unusable: 0,
    waiting: 0,
    imported: 0,
    there: 0,
    cancelled: 0,
  };
  const counts = groups.reduce((all, { state, _count }) => ({ ...all, [state]: _count }), none);
  const rows = items.map(({ provider, host, owner, upstreamName: name, ...item }) => ({
    ...item,
    upstream:
      provider && host && owner && name
        ? { provider: providerToWire(provider), host, owner, name, url: remoteUrl({ provider, host, owner, name }) }
        : null,
  }));
  return { ...found, counts, items: rows };
}

/** The organization's newest imports. */
export async function listImports(ctx: Context, { limit }: { limit: number }): Promise<ImportRow[]> {
  requireImporter(ctx.actor);
  return ctx.db.repositoryImport.findMany({
    where: { organizationId: ctx.actor.organizationId },
    orderBy: { createdAt: "desc" },
    take: limit,
    select: ROW,
  });
}

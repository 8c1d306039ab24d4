import { sqltag as sql } from "@prisma/client/runtime/client";
import type { ImportProblem } from "@/lib/contract/imports";
import type { ProviderName } from "@/lib/contract/providers";
import type { Context } from "../context";
import type { UpstreamAddress } from "../upstream/remote-url";
import type { Secret } from "../vault/vault";
import { parseLines } from "./parse-lines";
import { readLine, type ReadLine } from "./read-line";

/** A line that something can be made of. */
export interface PlannedLine {
  line: number;
  repository: string;
  upstream: UpstreamAddress;
  secret: Secret | null;
  /** Whether the repository is there, so that only the credential is missing. */
  repositoryExists: boolean;
  /** Whether nothing is missing at all. */
  there: boolean;
}

export type Plan = readonly (PlannedLine | { line: number; problem: ImportProblem })[];

interface Known {
  line: number;
  repository: string;
  same_upstream: boolean;
  has_credential: boolean;
}

/**
 * What is to come of each line, as the organization is now. A line without a name of its own finds the repository of its
 * upstream whatever that is called. Nothing is written. Throws as `parseLines`.
 */
export async function planImport(
  ctx: Context,
  { text, provider }: { text: string; provider: ProviderName | null },
): Promise<Plan> {
  const read = parseLines(text).map((line) => readLine(line, provider));
  const asked = read.filter((line) => "upstream" in line);
  const known = await findKnown(ctx, asked);
  const above = { names: new Map<string, string>(), upstreams: new Set<string>() };
  return read.map((line) => {
    if (!("upstream" in line)) return line;
    const plan = planLine(ctx, line, known);
    if ("problem" in plan) return plan;
    const upstream = upstreamKey(plan.upstream);
    const sameName = above.names.get(plan.repository);
    if (sameName === upstream || (!line.named && above.upstreams.has(upstream))) {
      return { line: line.line, problem: "doubled" };
    }
    if (sameName !== undefined) return { line: line.line, problem: "name_doubled" };
    above.names.set(plan.repository, upstream);
    above.upstreams.add(upstream);
    return plan;
  });
}

function planLine(
  ctx: Context,
  { line, repository, named, upstream, secret }: ReadLine,
  known: { byName: Map<number, Known>; byUpstream: Map<number, Known> },
): PlannedLine | { line: number; problem: ImportProblem } {
  const planned = { line, upstream, secret };
  const byName = known.byName.get(line);
  const found = byName?.same_upstream || named ? byName : known.byUpstream.get(line);
  if (found?.same_upstream) {
    const there = found.has_credential || secret === null;
    return { ...planned, repository: found.repository, repositoryExists: true, there };
  }
  if (byName) return { line, problem: "name_taken" };
  if (ctx.egress.deniesLiteral(upstream.host)) return { line, problem: "denied" };
  return { ...planned, repository, repositoryExists: false, there: false };
}

/** Hosts do not tell two repositories apart by upper and lower case. */
function upstreamKey({ host, owner, name }: UpstreamAddress): string {
  return JSON.stringify([host, owner.toLowerCase(), name.toLowerCase()]);
}

/** The repositories that have a line's name, and those that are mirrored from its upstream. */
async function findKnown(ctx: Context, lines: readonly ReadLine[]) {
  const asked = sql`
    unnest(
      ${lines.map(({ line }) => line)}::int[], ${lines.map(({ repository }) => repository)}::text[],
      ${lines.map(({ upstream }) => upstream.host)}::text[], ${lines.map(({ upstream }) => upstream.owner)}::text[],
      ${lines.map(({ upstream }) => upstream.name)}::text[]
    ) AS asked (line, repository, host, owner, name)`;
  const same = sql`u.host = asked.host AND lower(u.owner) = lower(asked.owner) AND lower(u.name) = lower(asked.name)`;
  const columns = sql`
    asked.line, r.name AS repository, coalesce(${same}, false) AS same_upstream, c.id IS NOT NULL AS has_credential`;
  const [byName, byUpstream] = await Promise.all([
    ctx.db.$queryRaw<Known[]>(sql`
      SELECT ${columns} FROM ${asked}
      JOIN repository r ON r.organization_id = ${ctx.actor.organizationId} AND r.live_name = asked.repository
      LEFT JOIN upstream u ON u.repository_id = r.id
      LEFT JOIN git_credential c ON c.repository_id = r.id`),
    ctx.db.$queryRaw<Known[]>(sql`
      SELECT DISTINCT ON (asked.line) ${columns} FROM ${asked}
      JOIN upstream u ON ${same}
      JOIN repository r ON r.id = u.repository_id
        AND r.organization_id = ${ctx.actor.organizationId} AND r.deleted_at IS NULL
      LEFT JOIN git_credential c ON c.repository_id = r.id
      ORDER BY asked.line, r.created_at, r.id`),
  ]);
  const byLine = (rows: readonly Known[]) => new Map(rows.map((row) => [row.line, row]));
  return { byName: byLine(byName), byUpstream: byLine(byUpstream) };
}

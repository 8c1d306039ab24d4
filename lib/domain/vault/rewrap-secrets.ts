import { setTimeout as sleep } from "node:timers/promises";
import { raw, sqltag as sql } from "@prisma/client/runtime/client";
import type { SystemActor } from "../access/actor";
import { lockChains } from "../audit/lock-chains";
import { recordAudit } from "../audit/record-audit";
import type { Context, Transaction } from "../context";
import { rewrap, type SealedSecret } from "./envelope";
import type { KeyRing } from "./key-ring";
import { SEALED_TABLES, type SealedTable } from "./sealed-tables";

/** So few that a rotation which meets one of them waits for milliseconds. */
const BATCH = 100;
/** Rests this many times as long as it works, so that the others keep most of the machine (npm run bench:rewrap). */
const REST = 1;
/** A batch waits for its organization's chain, which others hold for moments. */
const LONGEST_MS = 60_000;

type Keeper = Pick<Context, "db" | "clock" | "requestId">;

interface SealedRow extends Record<string, unknown> {
  id: string;
  version: number;
  master_key_id: string;
  sealed: Uint8Array<ArrayBuffer>;
}

/** What is to be rewrapped of an organization. Users who are in none have secrets that belong to no organization. */
interface Due {
  organization: { id: string; slug: string } | null;
  secrets: number;
  tables: SealedTable[];
}

/** A row that does not open under the key that it names; it stays as it is. */
export interface Unreadable {
  table: SealedTable;
  id: string;
  version: number;
}

export interface Rewrapped {
  rewrapped: number;
  unreadable: Unreadable[];
}

/**
 * Wraps the data key of every secret that another key of the ring wraps anew with the primary one, organization by
 * organization, while everything else goes on: a secret that is rotated or removed meanwhile is left alone, and what is
 * new is sealed under the primary anyway. What an interrupted run has done stays done, and is on record. `progress` is
 * told after every batch.
 */
export async function rewrapSecrets(
  ctx: Keeper,
  by: string,
  ring: KeyRing,
  progress: (done: number, total: number) => void,
): Promise<Rewrapped> {
  const begun = new Set<string>();
  let rewrapped = 0;
  let unreadable: Unreadable[] = [];
  let left = Infinity;
  for (;;) {
    const due = await findDue(ctx, ring);
    const found = due.reduce((sum, { secrets }) => sum + secrets, 0);
    // What another change held at the moment was passed over, and is met again, as long as there is less of it each time.
    if (found >= left) return { rewrapped, unreadable };
    left = found;
    unreadable = [];
    const total = rewrapped + found;
    for (const { organization, secrets, tables } of due) {
      const actor = organization && systemActor(by, organization);
      if (actor && !begun.has(actor.organizationId)) {
        begun.add(actor.organizationId);
        await ctx.db.$transaction((tx) => record(tx, ctx, actor, "master_key.rewrap_started", ring, secrets));
      }
      for (const table of tables) {
        for await (const batch of batches(ctx, table, ring, actor)) {
          rewrapped += batch.rewrapped;
          unreadable.push(...batch.unreadable);
          progress(rewrapped, total);
        }
      }
    }
  }
}

/** Goes once through an organization's rows of a table. */
async function* batches(
  ctx: Keeper,
  table: SealedTable,
  ring: KeyRing,
  actor: SystemActor | null,
): AsyncGenerator<Rewrapped> {
  const whose = actor ? sql`s.organization_id = ${actor.organizationId}` : sql`s.organization_id IS NULL`;
  let after = { id: "", version: 0 };
  for (;;) {
    const started = performance.now();
    const rows = await ctx.db.$queryRaw<SealedRow[]>(sql`
      SELECT * FROM (${table.rows}) AS s
      WHERE (s.id, s.version) > (${after.id}, ${after.version}) AND s.master_key_id = ANY (${others(ring)}::text[])
        AND ${whose}
      ORDER BY s.id, s.version LIMIT ${BATCH}`);
    const unreadable: Unreadable[] = [];
    const opened = rows.flatMap((row) => {
      const sealed = rewrapRow(ring, table, row);
      if (!sealed) unreadable.push({ table, id: row.id, version: row.version });
      return sealed ? [{ row, sealed }] : [];
    });
    const rewrapped = opened.length > 0 ? await keep(ctx, table, ring, actor, opened) : 0;
    yield { rewrapped, unreadable };
    await sleep((performance.now() - started) * REST);
    if (rows.length < BATCH) return;
    after = rows.at(-1)!;
  }
}

function rewrapRow(ring: KeyRing, table: SealedTable, row: SealedRow): Uint8Array<ArrayBuffer> | undefined {
  const secret: SealedSecret = { masterKeyId: row.master_key_id, sealed: row.sealed };
  try {
    return rewrap(ring, table.binding(row), secret).sealed;
  } catch {
    return undefined;
  }
}

/** Puts a batch in place and on record. Returns how many rows were replaced. */
function keep(
  ctx: Keeper,
  table: SealedTable,
  ring: KeyRing,
  actor: SystemActor | null,
  opened: readonly { row: SealedRow; sealed: Uint8Array }[],
): Promise<number> {
  return ctx.db.$transaction(
    async (tx) => {
      // The chain before the rows: who changes one of them may hold it already.
      if (actor) await lockChains(tx, [actor.organizationId]);
      const replaced = await replace(tx, table, ring, opened);
      if (actor && replaced > 0) await record(tx, ctx, actor, "master_key.rewrapped", ring, replaced);
      return replaced;
    },
    { timeout: LONGEST_MS, maxWait: LONGEST_MS },
  );
}

/**
 * Compare-and-set on all that was read of a row; the sealed bytes are fresh with every write. It waits for nobody: a row
 * that another transaction has locked is being changed or erased.
 */
async function replace(
  tx: Transaction,
  { name, match }: SealedTable,
  { primary }: KeyRing,
  opened: readonly { row: SealedRow; sealed: Uint8Array }[],
): Promise<number> {
  const rows = opened.map(({ row }) => row);
  return tx.$executeRaw(sql`
    WITH wanted AS (
      SELECT * FROM unnest(
        ${rows.map(({ id }) => id)}::text[], ${rows.map(({ version }) => version)}::int[],
        ${rows.map((row) => row.master_key_id)}::text[], ${rows.map(({ sealed }) => sealed)}::bytea[],
        ${opened.map(({ sealed }) => sealed)}::bytea[]
      ) AS wanted (id, version, key_id, old, new)
    ), free AS (
      SELECT wanted.id, wanted.version FROM wanted JOIN ${raw(name)} AS held ON ${match}
      WHERE held.master_key_id = wanted.key_id AND held.sealed = wanted.old
      FOR UPDATE OF held SKIP LOCKED
    )
    UPDATE ${raw(name)} AS held SET master_key_id = ${primary.id}, sealed = wanted.new
    FROM wanted JOIN free USING (id, version) WHERE ${match}`);
}

async function findDue({ db }: Keeper, ring: KeyRing): Promise<Due[]> {
  const due = new Map<string | null, Due>();
  for (const table of SEALED_TABLES) {
    const counts = await db.$queryRaw<{ id: string | null; slug: string | null; secrets: number }[]>(sql`
      SELECT s.organization_id AS id, o.slug, count(*)::int AS secrets
      FROM (${table.rows}) AS s LEFT JOIN organization o ON o.id = s.organization_id
      WHERE s.master_key_id = ANY (${others(ring)}::text[]) GROUP BY s.organization_id, o.slug`);
    for (const { id, slug, secrets } of counts) {
      const known = due.get(id) ?? { organization: id && slug ? { id, slug } : null, secrets: 0, tables: [] };
      due.set(id, { ...known, secrets: known.secrets + secrets, tables: [...known.tables, table] });
    }
  }
  return [...due.values()];
}

/** Those that are not to wrap any more. What is sealed under a key that came since is left for the next run. */
function others({ all, primary }: KeyRing): string[] {
  return all.map(({ id }) => id).filter((id) => id !== primary.id);
}

function systemActor(name: string, { id, slug }: { id: string; slug: string }): SystemActor {
  return { kind: "system", name, organizationId: id, organizationSlug: slug };
}

async function record(
  tx: Transaction,
  ctx: Keeper,
  actor: SystemActor,
  action: "master_key.rewrap_started" | "master_key.rewrapped",
  { primary }: KeyRing,
  secrets: number,
): Promise<void> {
  await recordAudit(
    tx,
    { ...ctx, address: null, actor },
    { action, targetId: primary.id, details: { key: primary.id, secrets } },
  );
}

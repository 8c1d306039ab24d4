import { setTimeout as sleep } from "node:timers/promises";
import { raw, sqltag as sql } from "@prisma/client/runtime/client";
import { recordEverywhere } from "../audit/record-everywhere";
import type { Context } from "../context";
import { rewrap, type SealedSecret } from "./envelope";
import type { KeyRing } from "./key-ring";
import { withKeysLocked } from "./lock-keys";
import { SEALED_TABLES, type SealedTable } from "./sealed-tables";

/** So few that a rotation which meets one of them waits for milliseconds. */
const BATCH = 100;
/** Rests this many times as long as it works, so that the others keep most of the machine. */
const REST = 2;

type Keeper = Pick<Context, "db" | "clock" | "requestId">;

interface SealedRow extends Record<string, unknown> {
  id: string;
  version: number;
  master_key_id: string;
  sealed: Uint8Array<ArrayBuffer>;
  organization_id: string | null;
}

/** Secrets by organization; null for those of a user. */
type Tally = Map<string | null, number>;

export interface Rewrapped {
  rewrapped: number;
  /** Rows that do not open under the key that they name; they stay as they are. */
  unreadable: string[];
}

/**
 * Wraps the data key of every secret anew with the ring's primary key, in batches, while everything else goes on: a
 * secret that is rotated or removed meanwhile is left alone, and what is new is sealed under the primary anyway. What an
 * interrupted run has done stays done. `progress` is told after every batch.
 */
export async function rewrapSecrets(
  ctx: Keeper,
  by: string,
  ring: KeyRing,
  progress: (done: number, total: number) => void,
): Promise<Rewrapped> {
  const due = await countDue(ctx, ring);
  const total = sum(due);
  await record(ctx, by, "master_key.rewrap_started", ring, due);
  const tally: Tally = new Map();
  const unreadable: string[] = [];
  for (const table of SEALED_TABLES) {
    for (;;) {
      const found = await pass(ctx, table, ring, tally, () => progress(sum(tally), total));
      // What another change held at the moment was passed over, and is met again in the next pass.
      if (found.rewrapped > 0) continue;
      unreadable.push(...found.unreadable);
      break;
    }
  }
  await record(ctx, by, "master_key.rewrapped", ring, tally);
  return { rewrapped: sum(tally), unreadable };
}

/** Goes through a table once. */
async function pass(
  { db }: Keeper,
  table: SealedTable,
  ring: KeyRing,
  tally: Tally,
  report: () => void,
): Promise<Rewrapped> {
  const found: Rewrapped = { rewrapped: 0, unreadable: [] };
  let after = { id: "", version: 0 };
  for (;;) {
    const started = performance.now();
    const rows = await db.$queryRaw<SealedRow[]>(sql`
      SELECT * FROM (${table.rows}) AS s
      WHERE (s.id, s.version) > (${after.id}, ${after.version}) AND s.master_key_id <> ${ring.primary.id}
      ORDER BY s.id, s.version LIMIT ${BATCH}`);
    const opened = rows.flatMap((row) => {
      const sealed = rewrapRow(ring, table, row);
      if (!sealed) found.unreadable.push(row.id);
      return sealed ? [{ row, sealed }] : [];
    });
    for (const organization of await replace(db, table, ring, opened)) {
      tally.set(organization, (tally.get(organization) ?? 0) + 1);
      found.rewrapped += 1;
    }
    report();
    if (rows.length < BATCH) return found;
    after = rows.at(-1)!;
    await sleep((performance.now() - started) * REST);
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

/**
 * Compare-and-set on all that was read of a row; the sealed bytes are fresh with every write. It waits for nobody: a row
 * that another transaction has locked is being changed or erased. Answers the organization of each row that was replaced.
 */
async function replace(
  db: Keeper["db"],
  { name, match }: SealedTable,
  { primary }: KeyRing,
  opened: readonly { row: SealedRow; sealed: Uint8Array }[],
): Promise<(string | null)[]> {
  if (opened.length === 0) return [];
  const rows = opened.map(({ row }) => row);
  const replaced = await db.$queryRaw<{ organization_id: string | null }[]>(sql`
    WITH wanted AS (
      SELECT * FROM unnest(
        ${rows.map((row) => row.organization_id)}::text[], ${rows.map(({ id }) => id)}::text[],
        ${rows.map(({ version }) => version)}::int[], ${rows.map((row) => row.master_key_id)}::text[],
        ${rows.map(({ sealed }) => sealed)}::bytea[], ${opened.map(({ sealed }) => sealed)}::bytea[]
      ) AS wanted (organization_id, id, version, key_id, old, new)
    ), free AS (
      SELECT wanted.id, wanted.version FROM wanted JOIN ${raw(name)} AS held ON ${match}
      WHERE held.master_key_id = wanted.key_id AND held.sealed = wanted.old
      FOR UPDATE OF held SKIP LOCKED
    )
    UPDATE ${raw(name)} AS held SET master_key_id = ${primary.id}, sealed = wanted.new
    FROM wanted JOIN free USING (id, version) WHERE ${match}
    RETURNING wanted.organization_id`);
  return replaced.map((row) => row.organization_id);
}

async function countDue({ db }: Keeper, ring: KeyRing): Promise<Tally> {
  const due: Tally = new Map();
  for (const { rows } of SEALED_TABLES) {
    const counts = await db.$queryRaw<{ organization_id: string | null; count: bigint }[]>(sql`
      SELECT organization_id, count(*) FROM (${rows}) AS s
      WHERE s.master_key_id <> ${ring.primary.id} GROUP BY organization_id`);
    for (const { organization_id: id, count } of counts) due.set(id, (due.get(id) ?? 0) + Number(count));
  }
  return due;
}

/** In every organization's chain, with how many of its own secrets are meant. */
async function record(
  ctx: Keeper,
  by: string,
  action: "master_key.rewrap_started" | "master_key.rewrapped",
  { primary }: KeyRing,
  tally: Tally,
): Promise<void> {
  if (tally.size === 0) return;
  await withKeysLocked(ctx, (tx) =>
    recordEverywhere(tx, ctx, by, (organizationId) => ({
      action,
      targetId: primary.id,
      details: { key: primary.id, secrets: tally.get(organizationId) ?? 0 },
    })),
  );
}

function sum(tally: Tally): number {
  return [...tally.values()].reduce((total, count) => total + count, 0);
}

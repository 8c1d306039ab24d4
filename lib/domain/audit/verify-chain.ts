import { createHash } from "node:crypto";
import { sqltag as sql, type Sql } from "@prisma/client/runtime/client";
import type { ChainBreak } from "@/lib/contract/audit-chain";

const BATCH = 1_000;
const LOWEST = -(2n ** 63n);

export interface ChainState {
  /** How many events there are, by the chain's own count. */
  events: number;
  /** The hash of the last one, hexadecimal: who wrote it down elsewhere can tell a chain that was made anew. */
  head: string;
  /** The first event that is not as it was recorded. */
  broken: { seq: number; why: ChainBreak } | null;
}

/** Clients differ in how they hand on a large number. */
type Count = bigint | string;

interface Row {
  seq: Count;
  payload: string;
  prev_hash: Uint8Array;
  hash: Uint8Array;
  /** What the row is found by, in the words of its payload. */
  filed: string;
}

interface Payload extends Record<string, unknown> {
  actor: { kind: string; name: string };
  target: { kind: string; id: string };
}

/** An end that a chain once had. */
export interface ChainEnd {
  events: number;
  /** Hexadecimal. */
  hash: string;
}

/** How rows are asked for: over any client, in any transaction. */
export type Ask = <T extends object>(statement: Sql) => Promise<T[]>;

/**
 * Recomputes an organization's chain from its first event to the one that was last when this began; where an end is known
 * that it had before, it must still have that. It reads in batches and holds nothing up; events that are recorded meanwhile
 * are left to the next time.
 */
export async function verifyChain(ask: Ask, organizationId: string, known?: ChainEnd): Promise<ChainState> {
  const [end] = await ask<{ seq: Count | null; hash: Uint8Array | null; last: Count | null }>(sql`
    SELECT c.seq, c.hash, (SELECT max(e.seq) FROM audit_event e WHERE e.organization_id = o.id) AS last
    FROM organization o LEFT JOIN audit_chain c ON c.organization_id = o.id WHERE o.id = ${organizationId}`);
  const seq = BigInt(end?.seq ?? 0);
  const last = BigInt(end?.last ?? 0);
  const head = Buffer.from(end?.hash ?? []).toString("hex");
  const events = Number(seq);
  const links = await verifyLinks(ask, organizationId, last < seq ? last : seq, known);
  if ("broken" in links) return { events, head, broken: links.broken };
  const broken =
    last < seq
      ? ({ seq: Number(last) + 1, why: "cut" } as const)
      : last > seq
        ? ({ seq: events + 1, why: "added" } as const)
        : links.hash !== head
          ? ({ seq: events, why: "other_end" } as const)
          : known && events < known.events
            ? ({ seq: events + 1, why: "cut" } as const)
            : null;
  return { events, head, broken };
}

/** The events up to this number, one after the other; answers the last one's hash, or the first that is wrong. */
async function verifyLinks(
  ask: Ask,
  organizationId: string,
  until: bigint,
  known: ChainEnd | undefined,
): Promise<{ hash: string } | { broken: NonNullable<ChainState["broken"]> }> {
  let previous = Buffer.alloc(32);
  let expected = 1n;
  // From the very first on: a number below 1 was put in.
  for (let from = LOWEST; ; from = expected) {
    const rows = await ask<Row>(sql`
      SELECT seq, payload, prev_hash, hash, json_build_array(
        id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), action, actor_kind, actor,
        target_kind, target_id, repository_id)::text AS filed
      FROM audit_event
      WHERE organization_id = ${organizationId} AND seq BETWEEN ${from} AND ${until}
      ORDER BY seq LIMIT ${BATCH}`);
    for (const row of rows) {
      const why = breakOf(row, expected, previous);
      if (why) return { broken: { seq: Number(why === "missing" ? expected : row.seq), why } };
      previous = Buffer.from(row.hash);
      if (known?.events === Number(row.seq) && known.hash !== previous.toString("hex")) {
        return { broken: { seq: known.events, why: "remade" } };
      }
      expected += 1n;
    }
    if (rows.length < BATCH) {
      if (expected <= until) return { broken: { seq: Number(expected), why: "missing" } };
      return { hash: previous.toString("hex") };
    }
  }
}

function breakOf(row: Row, expected: bigint, previous: Buffer): ChainBreak | undefined {
  const seq = BigInt(row.seq);
  if (seq > expected) return "missing";
  if (seq < expected) return "added";
  if (!previous.equals(row.prev_hash)) return "unlinked";
  const hash = createHash("sha256").update(previous).update(`${seq}\n${row.payload}`).digest();
  if (!hash.equals(row.hash)) return "edited";
  return isFiledRight(row) ? undefined : "misfiled";
}

/** Whether the columns that filters and histories go by say what the hashed text says. */
function isFiledRight({ payload, filed }: Row): boolean {
  try {
    const { id, at, action, actor, target, repository_id } = JSON.parse(payload) as Payload;
    const said = [id, at, action, actor.kind, actor.name, target.kind, target.id, repository_id];
    return JSON.stringify(JSON.parse(filed)) === JSON.stringify(said);
  } catch {
    return false;
  }
}

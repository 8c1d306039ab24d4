import type pg from "pg";
import { opensSecret } from "@/lib/domain/credentials/open-secret";
import type { KeyRing } from "@/lib/domain/vault/key-ring";
import { SEALED_TABLES } from "@/lib/domain/vault/sealed-tables";

export interface Proof {
  /** How many secrets were opened. */
  secrets: number;
  /** The ids of what does not open. */
  unreadable: string[];
  /** How many organizations' chains were recomputed. */
  chains: number;
  /** The organizations whose chain is not whole. */
  brokenChains: string[];
}

/** Opens every sealed secret and recomputes every audit chain, in the transaction that the client is in. */
export async function proveRestored(client: pg.Client, ring: KeyRing): Promise<Proof> {
  return { ...(await openSecrets(client, ring)), ...(await recomputeChains(client)) };
}

const AT_ONCE = 500;

interface SealedRow extends Record<string, unknown> {
  id: string;
  version: number;
  master_key_id: string;
  sealed: Buffer;
}

async function openSecrets(client: pg.Client, ring: KeyRing): Promise<Pick<Proof, "secrets" | "unreadable">> {
  const unreadable: string[] = [];
  let secrets = 0;
  for (const table of SEALED_TABLES) {
    let [id, version] = ["", 0];
    for (;;) {
      const { rows } = await client.query<SealedRow>(
        `SELECT * FROM (${table.rows.text}) AS s WHERE (s.id, s.version) > ($1, $2)
         ORDER BY s.id, s.version LIMIT ${AT_ONCE}`,
        [id, version],
      );
      for (const row of rows) {
        const sealed = { masterKeyId: row.master_key_id, sealed: Uint8Array.from(row.sealed) };
        if (opensSecret(ring, table.binding(row), sealed)) secrets += 1;
        else unreadable.push(row.id);
      }
      if (rows.length < AT_ONCE) break;
      ({ id, version } = rows.at(-1)!);
    }
  }
  return { secrets, unreadable };
}

/** As `append_audit_event` made them: dense numbers, each hash over the one before, and the head the last of them. */
async function recomputeChains(client: pg.Client): Promise<Pick<Proof, "chains" | "brokenChains">> {
  const { rows } = await client.query<{ slug: string; whole: boolean }>(
    `WITH event AS (
       SELECT organization_id,
         seq = row_number() OVER chain
           AND prev_hash = coalesce(lag(hash) OVER chain, decode(repeat('00', 32), 'hex'))
           AND hash = sha256(prev_hash || convert_to(seq::text || E'\\n' || payload, 'UTF8')) AS whole
       FROM audit_event WINDOW chain AS (PARTITION BY organization_id ORDER BY seq)
     ), told AS (
       SELECT organization_id, count(*) AS events, bool_and(whole) AS whole FROM event GROUP BY organization_id
     )
     SELECT o.slug, coalesce(told.whole, true) AND head.seq = coalesce(told.events, 0)
       AND head.hash = coalesce(last.hash, decode(repeat('00', 32), 'hex')) AS whole
     FROM organization o
     LEFT JOIN audit_chain head ON head.organization_id = o.id
     LEFT JOIN told ON told.organization_id = o.id
     LEFT JOIN audit_event last ON last.organization_id = o.id AND last.seq = head.seq`,
  );
  return { chains: rows.length, brokenChains: rows.filter(({ whole }) => whole !== true).map(({ slug }) => slug) };
}

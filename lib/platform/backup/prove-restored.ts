import type { Sql } from "@prisma/client/runtime/client";
import type pg from "pg";
import { verifyChain, type Ask } from "@/lib/domain/audit/verify-chain";
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

async function recomputeChains(client: pg.Client): Promise<Pick<Proof, "chains" | "brokenChains">> {
  const ask: Ask = async <T extends object>({ text, values }: Sql) => (await client.query<T>(text, [...values])).rows;
  const { rows } = await client.query<{ id: string; slug: string }>("SELECT id, slug FROM organization ORDER BY slug");
  const brokenChains: string[] = [];
  for (const { id, slug } of rows) if ((await verifyChain(ask, id)).broken) brokenChains.push(slug);
  return { chains: rows.length, brokenChains };
}

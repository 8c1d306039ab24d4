import { sqltag as sql, type Sql } from "@prisma/client/runtime/client";
import { secretBinding } from "../credentials/secret-binding";
import { upstreamOrigin } from "../upstream/remote-url";
import type { SealBinding } from "./envelope";

/** A table that holds what `seal` answered, in columns called `master_key_id` and `sealed`. */
export interface SealedTable {
  name: string;
  /** The text column, first in the primary key, that its rows are gone through by. */
  id: string;
  /** All rows with `id`, `master_key_id`, `sealed`, `organization_id`, and what `binding` needs. */
  rows: Sql;
  /** What a row is sealed to. */
  binding(row: Record<string, unknown>): SealBinding;
}

/** Everything that is sealed under a master key. What is not in this list is neither rewrapped nor counted. */
export const SEALED_TABLES: readonly SealedTable[] = [
  {
    name: "credential_secret",
    id: "credential_id",
    rows: sql`
      SELECT s.credential_id AS id, s.version, s.master_key_id, s.sealed, r.organization_id, c.repository_id, u.host
      FROM credential_secret s
      JOIN git_credential c ON c.id = s.credential_id
      JOIN repository r ON r.id = c.repository_id
      LEFT JOIN upstream u ON u.repository_id = r.id`,
    binding: (row) =>
      secretBinding({
        organizationId: row.organization_id as string,
        repositoryId: row.repository_id as string,
        credentialId: row.id as string,
        version: row.version as number,
        upstreamOrigin: upstreamOrigin({ host: String(row.host) }),
      }),
  },
];

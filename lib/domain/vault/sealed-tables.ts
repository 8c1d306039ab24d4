import { sqltag as sql, type Sql } from "@prisma/client/runtime/client";
import { secretBinding } from "../credentials/secret-binding";
import { upstreamOrigin } from "../upstream/remote-url";
import { fingerprintBinding } from "../credentials/fingerprint-binding";
import { totpBinding } from "../second-factor/totp-binding";
import { importBinding } from "../imports/import-binding";
import { rotationBinding } from "../rotations/rotation-binding";
import { webhookBinding } from "../webhooks/webhook-binding";
import type { SealBinding } from "./envelope";

/** A table that holds what `seal` answered, in columns called `master_key_id` and `sealed`. */
export interface SealedTable {
  name: string;
  /** Its rows: `id` and `version`, which tell them apart, `master_key_id`, `sealed`, `organization_id`, and for `binding`. */
  rows: Sql;
  /** Whether the row `held` of the table is the one that `wanted` names by `id` and `version`. */
  match: Sql;
  /** What a row is sealed to. */
  binding(row: Record<string, unknown>): SealBinding;
}

/** Everything that is sealed under a master key. What is not in this list is neither rewrapped nor counted. */
export const SEALED_TABLES: readonly SealedTable[] = [
  {
    name: "credential_secret",
    rows: sql`
      SELECT s.credential_id AS id, s.version, s.master_key_id, s.sealed, r.organization_id, c.repository_id, u.host
      FROM credential_secret s
      JOIN git_credential c ON c.id = s.credential_id
      JOIN repository r ON r.id = c.repository_id
      LEFT JOIN upstream u ON u.repository_id = r.id`,
    match: sql`held.credential_id = wanted.id AND held.version = wanted.version`,
    binding: (row) =>
      secretBinding({
        organizationId: row.organization_id as string,
        repositoryId: row.repository_id as string,
        credentialId: row.id as string,
        version: row.version as number,
        upstreamOrigin: upstreamOrigin({ host: String(row.host) }),
      }),
  },
  {
    name: "webhook",
    rows: sql`SELECT id, 0 AS version, master_key_id, sealed, organization_id, url FROM webhook`,
    match: sql`held.id = wanted.id`,
    binding: (row) =>
      webhookBinding({
        organizationId: row.organization_id as string,
        id: row.id as string,
        url: row.url as string,
      }),
  },
  {
    name: "fingerprint_key",
    rows: sql`SELECT organization_id AS id, 0 AS version, master_key_id, sealed, organization_id FROM fingerprint_key`,
    match: sql`held.organization_id = wanted.id`,
    binding: (row) => fingerprintBinding(row.organization_id as string),
  },
  {
    name: "second_factor",
    rows: sql`SELECT user_id AS id, 0 AS version, master_key_id, sealed, NULL AS organization_id FROM second_factor`,
    match: sql`held.user_id = wanted.id`,
    binding: (row) => totpBinding(row.id as string),
  },
  {
    name: "rotation",
    // The new secret is erased at the rotation's end.
    rows: sql`
      SELECT id, 0 AS version, master_key_id, sealed, organization_id, host FROM rotation WHERE sealed IS NOT NULL`,
    match: sql`held.id = wanted.id`,
    binding: (row) =>
      rotationBinding({
        organizationId: row.organization_id as string,
        id: row.id as string,
        host: row.host as string,
      }),
  },
  {
    name: "import_item",
    // A line's sign-in is erased once the line is done.
    rows: sql`
      SELECT i.import_id AS id, i.line AS version, i.master_key_id, i.sealed, m.organization_id, i.host
      FROM import_item i JOIN repository_import m ON m.id = i.import_id WHERE i.sealed IS NOT NULL`,
    match: sql`held.import_id = wanted.id AND held.line = wanted.version`,
    binding: (row) =>
      importBinding({
        organizationId: row.organization_id as string,
        importId: row.id as string,
        line: row.version as number,
        host: row.host as string,
      }),
  },
];

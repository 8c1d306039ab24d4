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
  /** What an operator can do about a row that does not open. */
  remedy: string;
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
    remedy: "rotate the credential with its username and erase the previous one, or remove it",
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
    remedy: "remove the webhook and add it again",
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
    remedy: "delete the row while Latchkey is stopped: the next rotation makes a new one",
    binding: (row) => fingerprintBinding(row.organization_id as string),
  },
  {
    name: "second_factor",
    // A user's, which the first of their organizations answers for.
    rows: sql`
      SELECT f.user_id AS id, 0 AS version, f.master_key_id, f.sealed,
        (SELECT min(m.organization_id) FROM membership m WHERE m.user_id = f.user_id) AS organization_id
      FROM second_factor f`,
    match: sql`held.user_id = wanted.id`,
    remedy: "make its user a link: npm run admin -- reset EMAIL",
    binding: (row) => totpBinding(row.id as string),
  },
  {
    name: "rotation",
    // The new secret is erased at the rotation's end.
    rows: sql`
      SELECT id, 0 AS version, master_key_id, sealed, organization_id, host FROM rotation WHERE sealed IS NOT NULL`,
    match: sql`held.id = wanted.id`,
    remedy: "cancel the rotation, or wait for its end",
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
    remedy: "cancel the import, or wait for its end",
    binding: (row) =>
      importBinding({
        organizationId: row.organization_id as string,
        importId: row.id as string,
        line: row.version as number,
        host: row.host as string,
      }),
  },
];

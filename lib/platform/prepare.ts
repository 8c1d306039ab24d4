import { readFileSync } from "node:fs";
import { bootstrapFile } from "@/lib/contract/bootstrap";
import type { Context } from "@/lib/domain/context";
import { issueSetupLink } from "@/lib/domain/members/issue-setup-link";
import { applyBootstrap } from "@/lib/domain/organizations/apply-bootstrap";
import { DomainError } from "@/lib/domain/errors";
import { checkMasterKeys, wasUsedWithKeys } from "@/lib/domain/vault/check-master-keys";
import { withKeysLocked } from "@/lib/domain/vault/lock-keys";
import { rememberKeys, unretired } from "@/lib/domain/vault/remember-keys";
import { createContext } from "./context";
import { database } from "./database/client";
import { env, masterKeysFile } from "./env";
import { configuredKeyRing, hasMasterKeys } from "./key-ring";

/**
 * What comes before anything is migrated or made: throws an Error for the operator where the database cannot be reached,
 * or was used with master keys that are not at hand. Writes nothing.
 */
export async function requireMasterKeys(): Promise<void> {
  const db = database();
  await db.$queryRaw`SELECT 1`.catch(() => {
    throw new Error("The database cannot be reached. Is DATABASE_URL right, and does PostgreSQL run there?");
  });
  if (hasMasterKeys()) return checkMasterKeys(db, configuredKeyRing());
  if (await wasUsedWithKeys(db)) {
    throw new Error(
      `${masterKeysFile()} is missing: it holds the master keys that this database was used with. Put it back. Nothing was changed.`,
    );
  }
}

/**
 * What stands between a migrated database and serving: the database knows the master keys, the bootstrap file is
 * applied, and where nobody can sign in yet there is a set-up token. Throws an Error for the operator.
 */
export async function prepare({ invite }: { invite: boolean }): Promise<{ setupToken: string | undefined }> {
  const { actor: _, ...ctx } = createContext(
    { kind: "system", name: "start", organizationId: "", organizationSlug: "" },
    "start",
    null,
  );
  await withKeysLocked(ctx, async (tx) => {
    await rememberKeys(tx, ctx, "start", await unretired(tx, configuredKeyRing()));
  });
  const { LATCHKEY_BOOTSTRAP_FILE } = env();
  if (LATCHKEY_BOOTSTRAP_FILE) await bootstrap(ctx, LATCHKEY_BOOTSTRAP_FILE);
  return { setupToken: invite ? await issueSetupLink(ctx) : undefined };
}

async function bootstrap(ctx: Omit<Context, "actor">, file: string): Promise<void> {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw new Error("LATCHKEY_BOOTSTRAP_FILE does not hold valid JSON.");
  }
  const parsed = bootstrapFile.safeParse(json);
  if (!parsed.success) {
    const where = parsed.error.issues.flatMap((issue) =>
      issue.code === "invalid_union" ? issue.errors.flat() : [issue],
    );
    throw new Error(`LATCHKEY_BOOTSTRAP_FILE is not valid: ${where[0]?.path.join(".")}: ${where[0]?.message}`);
  }
  for (const organization of parsed.data) {
    await applyBootstrap(ctx, organization).catch((error: unknown) => {
      throw error instanceof DomainError ? new Error(`LATCHKEY_BOOTSTRAP_FILE: ${error.message}`) : error;
    });
  }
}

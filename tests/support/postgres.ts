import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { keyCheckValue } from "@/lib/domain/vault/key-ring";
import { applyMigrations } from "@/lib/platform/database/apply-migrations";
import { createDatabaseClient } from "@/lib/platform/database/client";
import { prepareJobQueue } from "@/lib/platform/database/prepare-job-queue";
import { startEmbeddedPostgres } from "@/lib/platform/database/embedded-postgres";
import { makeKeyRing } from "@/prisma/factories";

declare module "vitest" {
  interface ProvidedContext {
    postgresUrl: string;
  }
}

/** One real PostgreSQL for the whole run, with a migrated template that each test file copies. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "latchkey-test-"));
  const postgres = await startEmbeddedPostgres(folder);
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query("CREATE DATABASE template_latchkey");
  await client.end();
  const template = postgres.url.replace("/postgres?", "/template_latchkey?");
  await applyMigrations(template);
  await prepareJobQueue(template);
  await rememberTestKey(template);
  project.provide("postgresUrl", postgres.url);
  return async () => {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}

/** Secrets are sealed under keys that the database knows: here the one that `makeContext` seals with. */
async function rememberTestKey(url: string): Promise<void> {
  const { primary } = makeKeyRing("test");
  const db = createDatabaseClient(url);
  await db.masterKeyCheck.create({ data: { keyId: primary.id, sealed: Uint8Array.from(keyCheckValue(primary)) } });
  await db.$disconnect();
}

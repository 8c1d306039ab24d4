import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, inject } from "vitest";
import { createDatabaseClient } from "@/lib/platform/database/client";
import type { PrismaClient } from "@/lib/platform/prisma-client/client";

export interface TestDatabase {
  db: PrismaClient;
  url: string;
}

/** A fresh migrated database for the calling test file. Its members are there from the first `beforeAll` on. */
export function useDatabase(): TestDatabase {
  const handle = {} as TestDatabase;
  beforeAll(async () => {
    const admin = inject("postgresUrl");
    const name = `test_${randomBytes(6).toString("hex")}`;
    const client = new pg.Client({ connectionString: admin });
    await client.connect();
    await client.query(`CREATE DATABASE ${name} TEMPLATE template_latchkey`);
    await client.end();
    handle.url = admin.replace("/postgres?", `/${name}?`);
    handle.db = createDatabaseClient(handle.url);
  });
  afterAll(async () => {
    await handle.db.$disconnect();
  });
  return handle;
}

import { PrismaPg } from "@prisma/adapter-pg";
import { env } from "@/lib/platform/env";
import { PrismaClient } from "@/lib/platform/prisma-client/client";
import { embeddedDatabaseUrl } from "./embedded-database-url";

/** PostgreSQL keeps in a connection's memory what was ever looked at over it: a new one begins small. */
const CONNECTION_LIFE_SECONDS = 120;

/** A Prisma client on the given PostgreSQL; `$disconnect` ends it. */
export function createDatabaseClient(connectionString: string): PrismaClient {
  const pool = { connectionString, max: 20, maxLifetimeSeconds: CONNECTION_LIFE_SECONDS };
  return new PrismaClient({ adapter: new PrismaPg(pool), log: [] });
}

const shared = globalThis as { latchkeyDatabase?: PrismaClient };

/** This process's client, made on first use: a build must not open a database. */
export function database(): PrismaClient {
  shared.latchkeyDatabase ??= createDatabaseClient(env().DATABASE_URL ?? embeddedDatabaseUrl(env().LATCHKEY_DATA_DIR));
  return shared.latchkeyDatabase;
}

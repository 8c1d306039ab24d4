import { randomBytes } from "node:crypto";
import pg from "pg";
import { describe, expect, inject, it } from "vitest";
import { applyMigrations, shippedMigrations, type Migration } from "@/lib/platform/database/apply-migrations";

async function emptyDatabase(): Promise<string> {
  const admin = inject("postgresUrl");
  const name = `migrations_${randomBytes(6).toString("hex")}`;
  await query(admin, `CREATE DATABASE ${name}`);
  return admin.replace("/postgres?", `/${name}?`);
}

async function query(url: string, sql: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}

const tables = async (url: string) =>
  (await query(url, "SELECT count(*)::int AS n FROM pg_tables WHERE schemaname = 'public'")).rows[0] as { n: number };

describe("migrations", () => {
  it("are applied once, also when several instances start at once", async () => {
    const url = await emptyDatabase();
    const applied = await Promise.all([1, 2, 3, 4].map(() => applyMigrations(url)));
    expect(applied.flat().sort()).toEqual(shippedMigrations().map(({ name }) => name));
    expect(await applyMigrations(url)).toEqual([]);
  });

  it("refuse a database of a newer program, touching nothing", async () => {
    const url = await emptyDatabase();
    await applyMigrations(url);
    const [first] = shippedMigrations() as [Migration];
    await expect(applyMigrations(url, [first])).rejects.toThrow("belongs to a newer Latchkey");
  });

  it("refuse one that was edited after it was applied", async () => {
    const url = await emptyDatabase();
    await applyMigrations(url);
    const edited = shippedMigrations().map((migration) => ({ ...migration, checksum: "0".repeat(64) }));
    await expect(applyMigrations(url, edited)).rejects.toThrow("was edited");
  });

  it("leave nothing behind of one that fails", async () => {
    const url = await emptyDatabase();
    const broken = { name: "1_broken", sql: "CREATE TABLE half (x int); SELECT 1/0;", checksum: "x" };
    await expect(applyMigrations(url, [broken])).rejects.toThrow();
    expect(await tables(url)).toEqual({ n: 1 });
    expect(await applyMigrations(url, [{ ...broken, sql: "CREATE TABLE half (x int)" }])).toEqual(["1_broken"]);
  });
});

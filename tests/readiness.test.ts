import { randomBytes } from "node:crypto";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import pg from "pg";
import { afterEach, expect, it, vi } from "vitest";
import { useDatabase } from "./support/database";

const database = useDatabase();

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  syncBuiltinESMExports();
});

it("asks the database once for all who want to know within a second, and reads the migrations once", async () => {
  vi.stubEnv("DATABASE_URL", database.url);
  await database.db.masterKeyCheck.deleteMany();
  vi.stubEnv("LATCHKEY_MASTER_KEYS", `own:${randomBytes(32).toString("base64")}`);
  const clock = vi.spyOn(performance, "now").mockReturnValue(10_000);
  const statements = vi.spyOn(pg.Client.prototype, "query");
  const reads = vi.spyOn(fs, "readFileSync");
  syncBuiltinESMExports();
  const { missingForReadiness } = await import("@/lib/platform/readiness");
  const migrationsRead = () => reads.mock.calls.filter(([file]) => String(file).endsWith("migration.sql")).length;
  const together = () => Promise.all(Array.from({ length: 20 }, () => missingForReadiness()));
  expect(new Set((await together()).map((missing) => missing.join()))).toEqual(new Set([""]));
  const [asked, read] = [statements.mock.calls.length, migrationsRead()];
  expect(asked).toBeLessThanOrEqual(6);
  expect(read).toBeGreaterThan(0);
  await missingForReadiness();
  expect(statements).toHaveBeenCalledTimes(asked);
  clock.mockReturnValue(11_001);
  await together();
  expect(statements.mock.calls.length).toBeGreaterThan(asked);
  expect(statements.mock.calls.length).toBeLessThanOrEqual(2 * asked);
  expect(migrationsRead()).toBe(read);
});

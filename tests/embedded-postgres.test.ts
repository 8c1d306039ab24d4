import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import pg from "pg";
import { afterEach, beforeEach, expect, it } from "vitest";
import { startEmbeddedPostgres } from "@/lib/platform/database/embedded-postgres";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "latchkey-embedded-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ one: number }>("SELECT 1 AS one");
  await client.end();
  return rows[0]?.one === 1;
}

it("starts where a killed one still counts as running, which only its process id says", async () => {
  const first = await startEmbeddedPostgres(folder);
  const pidFile = path.join(folder, "postgres", "cluster", "postmaster.pid");
  const lines = readFileSync(pidFile, "utf8").split("\n");
  await first.stop();
  // It stands for a killed server whose process is collected a moment later.
  const { pid } = spawn("sleep", ["1"]);
  writeFileSync(pidFile, [pid, ...lines.slice(1)].join("\n"));
  const second = await startEmbeddedPostgres(folder);
  expect(await answers(second.url)).toBe(true);
  await second.stop();
});

it("is stopped without complaint where it is gone already", async () => {
  const first = await startEmbeddedPostgres(folder);
  const second = await startEmbeddedPostgres(folder);
  await first.stop();
  await second.stop();
  const third = await startEmbeddedPostgres(folder);
  expect(await answers(third.url)).toBe(true);
  await third.stop();
});

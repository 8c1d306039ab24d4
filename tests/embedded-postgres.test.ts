import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import pg from "pg";
import { afterEach, beforeEach, expect, it } from "vitest";
import { startEmbeddedPostgres } from "@/lib/platform/database/embedded-postgres";
import { postmasterOf, survivors } from "@/scripts/processes";

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

it("leaves nothing running where it is stopped while it makes its folder, or while it starts", async () => {
  const halt = async (reached: () => boolean) => {
    const halting = new AbortController();
    const starting = startEmbeddedPostgres(folder, halting.signal);
    const ended = starting.then(
      () => "started",
      () => "halted",
    );
    await expect.poll(reached, { interval: 5, timeout: 20_000 }).toBe(true);
    halting.abort();
    return ended;
  };
  const made = () => readdirSync(path.join(folder, "postgres"));
  expect(await halt(() => made().some((name) => name.endsWith(".new")))).toBe("halted");
  await expect.poll(() => survivors(folder), { timeout: 20_000 }).toEqual([]);

  await (await startEmbeddedPostgres(folder)).stop();
  expect(await halt(() => true)).toBe("halted");
  expect(await halt(() => postmasterOf(folder) !== undefined)).toBe("halted");
  await expect.poll(() => survivors(folder), { timeout: 20_000 }).toEqual([]);

  const again = await startEmbeddedPostgres(folder);
  expect(await answers(again.url)).toBe(true);
  await again.stop();
}, 60_000);

it("is broken off where it does not stop in time, and has everything that was committed at its next start", async () => {
  const first = await startEmbeddedPostgres(folder);
  const client = new pg.Client({ connectionString: first.url });
  client.on("error", () => undefined);
  await client.connect();
  await client.query("CREATE TABLE kept AS SELECT 1 AS one");
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  // The server waits for each of its processes, and this one does not hear of the stop.
  process.kill(rows[0]!.pid, "SIGSTOP");
  const started = performance.now();
  await first.stop(2_000);
  expect(performance.now() - started).toBeLessThan(4_000);
  await expect.poll(() => survivors(folder), { timeout: 20_000 }).toEqual([]);
  const second = await startEmbeddedPostgres(folder);
  const other = new pg.Client({ connectionString: second.url });
  await other.connect();
  expect((await other.query("SELECT one FROM kept")).rows).toEqual([{ one: 1 }]);
  await other.end();
  await second.stop();
}, 60_000);

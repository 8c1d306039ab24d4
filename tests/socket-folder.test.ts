import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { tryLockDataFolder } from "@/lib/platform/data-folder-lock";
import { layout } from "@/lib/platform/database/embedded-database-url";
import { startEmbeddedPostgres } from "@/lib/platform/database/embedded-postgres";

let folder: string;
let sockets: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "latchkey-sockets-"));
  ({ sockets } = layout(folder));
});
afterEach(() => {
  rmSync(sockets, { recursive: true, force: true });
  rmSync(folder, { recursive: true });
});

const isRefused = async () => {
  await expect(tryLockDataFolder(folder)).rejects.toThrow("is not this user's alone");
  await expect(startEmbeddedPostgres(folder)).rejects.toThrow("is not this user's alone");
};

it("is made for this user alone, and locks the data folder once", async () => {
  expect(await tryLockDataFolder(folder)).toBe(true);
  expect(await tryLockDataFolder(folder)).toBe(false);
});

it("is refused where others may write into it, and where it leads somewhere else", async () => {
  mkdirSync(sockets);
  chmodSync(sockets, 0o777);
  await isRefused();
  rmSync(sockets, { recursive: true });
  symlinkSync(folder, sockets);
  await isRefused();
});

// Nobody else can give a folder away.
it.runIf(process.getuid?.() === 0)("is refused where another user made it", async () => {
  mkdirSync(sockets, { mode: 0o700 });
  chownSync(sockets, 65_534, 65_534);
  await isRefused();
});

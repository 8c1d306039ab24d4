import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeKeyRing } from "@/prisma/factories";
import { useDatabase } from "./support/database";

const run = promisify(execFile);
const database = useDatabase();
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "latchkey-launch-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("says that the database refused something, and nothing of what that was", async () => {
  await database.db.$executeRaw`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN RAISE EXCEPTION 'not this one: %', NEW; END$$`;
  await database.db.$executeRaw`
    CREATE TRIGGER refuse BEFORE INSERT ON "user" FOR EACH ROW EXECUTE FUNCTION refuse()`;
  const email = `${randomBytes(4).toString("hex")}@example.com`;
  const file = path.join(folder, "bootstrap.json");
  writeFileSync(file, JSON.stringify({ organization: "acme", admin: { email, password: "a password in a file" } }));
  const { primary } = makeKeyRing("test");
  const variables = {
    DATABASE_URL: database.url,
    LATCHKEY_DATA_DIR: path.join(folder, "data"),
    LATCHKEY_MASTER_KEYS: `${primary.id}:${primary.key.toString("base64")}`,
    LATCHKEY_BOOTSTRAP_FILE: file,
  };
  const ended = await run(process.execPath, ["--import", "tsx", "scripts/launch.ts"], {
    env: { PATH: process.env.PATH, NODE_ENV: "production", ...variables },
  }).catch((error: { code: number; stdout: string; stderr: string }) => error);
  expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining("did not do as it was asked") as unknown });
  const printed = ended.stdout + ended.stderr;
  for (const value of [email, "$argon2", "a password in a file", "not this one"]) expect(printed).not.toContain(value);
}, 120_000);

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { upstreamOrigin } from "@/lib/domain/upstream/remote-url";
import { secretBinding } from "@/lib/domain/credentials/secret-binding";
import { newId } from "@/lib/domain/new-id";
import { rememberKeys } from "@/lib/domain/vault/remember-keys";
import { createVault } from "@/lib/domain/vault/vault";
import { applyMigrations } from "@/lib/platform/database/apply-migrations";
import { createDatabaseClient } from "@/lib/platform/database/client";
import { startEmbeddedPostgres } from "@/lib/platform/database/embedded-postgres";
import { makeKeyRing, makeOrganization } from "@/prisma/factories";
import { peakMemory } from "./bench/processes";

// `npm run bench:backup`: backs up and restores 100,000 credentials, and says how long that takes and in how much memory.

const AMOUNT = 100_000;
const BATCH = 2_000;
const EVENTS = 500;

const folder = mkdtempSync(path.join(os.tmpdir(), "latchkey-bench-backup-"));
const ring = makeKeyRing("test");
const vault = createVault(() => ring);
const keyFile = path.join(folder, "keys");
writeFileSync(keyFile, ring.all.map(({ id, key }) => `${id}:${key.toString("base64")}`).join("\n"));
const full = await startEmbeddedPostgres(path.join(folder, "full"));
const empty = await startEmbeddedPostgres(path.join(folder, "empty"));
try {
  await fill(full.url);
  const file = path.join(folder, "backup.zip");
  report("backup", await run("backup", file, full.url));
  console.log(`  the file has ${Math.round(statSync(file).size / 1024 / 1024)} MB`);
  report("restore", await run("restore", file, empty.url));
} finally {
  await full.stop();
  await empty.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function fill(url: string): Promise<void> {
  console.log(`• Sealing ${AMOUNT} credentials …`);
  await applyMigrations(url);
  const db = createDatabaseClient(url);
  const facts = { clock: () => new Date(), requestId: "bench" };
  await db.$transaction((tx) => rememberKeys(tx, facts, "bench", ring));
  const { id: organizationId } = await makeOrganization(db, "acme");
  const upstream = { provider: "gitlab", host: "gitlab.com", owner: "acme", name: "app" } as const;
  for (let done = 0; done < AMOUNT; done += BATCH) {
    const made = Array.from({ length: BATCH }, () => ({ repositoryId: newId("repo"), credentialId: newId("ggc") }));
    await db.repository.createMany({
      data: made.map(({ repositoryId: id }) => ({ id, organizationId, name: id, liveName: id, defaultBranch: "main" })),
    });
    await db.upstream.createMany({ data: made.map(({ repositoryId }) => ({ repositoryId, ...upstream })) });
    await db.gitCredential.createMany({
      data: made.map(({ credentialId: id, repositoryId }) => ({
        id,
        repositoryId,
        hasUsername: false,
        addedBy: "bench",
      })),
    });
    await db.credentialSecret.createMany({
      data: made.map(({ credentialId, repositoryId }) => {
        const bound = { organizationId, repositoryId, credentialId, version: 1 };
        const binding = secretBinding({ ...bound, upstreamOrigin: upstreamOrigin(upstream) });
        return { credentialId, version: 1, ...vault.seal(binding, { username: null, password: repositoryId }) };
      }),
    });
  }
  // Few in one transaction: every event changes the chain's head, whose old versions stay until it ends.
  for (let done = 0; done < AMOUNT; done += EVENTS) {
    await db.$executeRaw`
      SELECT append_audit_event(${organizationId}, c.id, c.at, 'credential.created', 'system', 'bench', 'credential', c.id,
        c.repository_id, json_build_object(
          'id', c.id, 'at', to_char(c.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
          'actor', json_build_object('kind', 'system', 'name', 'bench'), 'action', 'credential.created',
          'target', json_build_object('kind', 'credential', 'id', c.id), 'repository_id', c.repository_id)::text)
      FROM (
        SELECT id, repository_id, date_trunc('milliseconds', now()) AS at
        FROM git_credential ORDER BY id OFFSET ${done} LIMIT ${EVENTS}
      ) AS c`;
  }
  await db.$disconnect();
}

async function run(command: "backup" | "restore", file: string, url: string) {
  const started = performance.now();
  const child = spawn(process.execPath, ["--import", "tsx", `scripts/${command}.ts`, file], {
    env: { PATH: process.env.PATH, NODE_ENV: "production", DATABASE_URL: url, LATCHKEY_MASTER_KEYS_FILE: keyFile },
    stdio: "inherit",
  });
  let megabytes = 0;
  const watch = setInterval(() => (megabytes = peakOf(child.pid!) ?? megabytes), 100);
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  clearInterval(watch);
  if (code !== 0) throw new Error(`npm run ${command} failed.`);
  return { seconds: Math.round((performance.now() - started) / 100) / 10, megabytes };
}

function peakOf(pid: number): number | undefined {
  try {
    return peakMemory(pid);
  } catch {
    // It ended between two looks.
    return undefined;
  }
}

function report(name: string, { seconds, megabytes }: { seconds: number; megabytes: number }): void {
  console.log(`${name} of ${AMOUNT} credentials: ${seconds} s, ${megabytes} MB of memory at most`);
}

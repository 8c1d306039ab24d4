import { execFileSync, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { queueOf } from "@/lib/domain/sync/enqueue-pull";
import { startEmbeddedPostgres } from "@/lib/platform/database/embedded-postgres";
import { makeRepository } from "@/prisma/factories";
import { freePort } from "../start-latchkey";
import { askForPull, makeVictim, testStored, type Arena } from "./arena";
import type { Attack } from "./attack";
import { ask } from "./ask";
import { searchOthersFolders, searchOthersOutput } from "./leakage";
import { mark } from "./marks";
import { childOf, childrenOf, postgresTree, signalAll, tree, until } from "./processes";
import { pullOutcome } from "./pull-outcome";
import type { SlowFaults } from "./slow-faults";
import { changedSince, tablesDigest } from "./tables-digest";
import { writerOf } from "./writer";

/** Pulls of one organization at once (scripts/worker.ts). */
const MOST_OF_ONE = 3;

/** What runs a command in user and mount namespaces of its own, after a script in them. */
const inNamespace = (script: string) => [
  ...["unshare", "--user", "--map-root-user", "--mount"],
  ...["sh", "-c", `${script} && exec "$@"`, "sh"],
];

/**
 * Processes killed, a database that is stopped, paused, full or in the way, a clock that moves; `slow` are those of them that
 * are on their way already.
 */
export async function faults(
  arena: Arena,
  slow: SlowFaults,
): Promise<{ attacks: Attack[]; skipped: string[]; stop: () => Promise<unknown> }> {
  const { startOther, folder, gitHost, hostile } = arena;
  const dataDir = mkdtempSync(path.join(folder, "faults-"));
  let latchkey = await startOther({ LATCHKEY_DATA_DIR: dataDir });
  const victim = await makeVictim(latchkey.db);
  const { token } = victim;
  const { write, whileWriting, recovered, proof, acknowledged } = writerOf(() => latchkey, victim, gitHost.host);
  const restart = async (within: readonly string[] = []) => {
    latchkey = await startOther({ LATCHKEY_DATA_DIR: dataDir }, ".", within);
  };
  const get = async (path_: string) => (await ask(latchkey.url, { path: path_ })).status;
  const fault = (name: string, expected: Attack["expected"], attempt: () => Promise<string>): Attack => ({
    name,
    expected,
    attempt,
    writes: true,
  });
  const skipped: string[] = [];
  const namespaces = spawnSync("unshare", ["--user", "--map-root-user", "--mount", "true"]).status === 0;
  if (!namespaces)
    skipped.push("disk full and read-only: they need user and mount namespaces, which this system refuses");
  const cluster = path.join(dataDir, "postgres", "cluster");
  const mirrors = path.join(dataDir, "mirrors");
  const readOnly = (mounted: string) => `mount --bind ${mounted} ${mounted} && mount -o remount,ro,bind ${mounted}`;
  const pull = (repo: string) => askForPull(latchkey.url, token, repo);
  const outcome = (repositoryId: string, options?: Parameters<typeof pullOutcome>[2]) =>
    pullOutcome(latchkey.db, repositoryId, options);
  const onHost = (name: string) =>
    makeRepository(latchkey.db, victim, name, { provider: "gitea", host: gitHost.host, owner: "oss", name: "cli" });
  gitHost.addRepository("oss/cli", { public: true });
  const hanging = (name: string) =>
    makeRepository(latchkey.db, victim, name, { provider: "gitea", host: hostile.host, owner: "hang", name: "app" });
  /** The database on a small disk, and the mirrors where they can be made unwritable. */
  const disturbed = () => {
    if (!namespaces) return [];
    const small = path.join(folder, "small");
    mkdirSync(small);
    const megabytes = Number(execFileSync("du", ["-sm", cluster], { encoding: "utf8" }).split("\t")[0]) + 48;
    return inNamespace(
      `mount -t tmpfs -o size=${megabytes}m none ${small} && cp -a ${cluster}/. ${small}/ && mount --bind ${small} ${cluster} && mount --bind ${mirrors} ${mirrors}`,
    );
  };
  let kept = 0;
  skipped.push(...slow.skipped);

  const attacks = [
    fault(
      "the database is stopped, and started again",
      "201; 503 busy, health 200, ready 503; recovered; 0 lost, chain holds",
      async () => {
        const before = await write();
        const postgres = await startEmbeddedPostgres(dataDir);
        await postgres.stop();
        const meanwhile = `${await write()}, health ${await get("/api/health")}, ready ${await get("/api/ready")}`;
        const since = performance.now();
        await startEmbeddedPostgres(dataDir);
        return `${before}; ${meanwhile}; ${await recovered(since)}; ${await proof()}`;
      },
    ),
    fault(
      "the database's own processes are killed while writes go on",
      /^recovered(, but 50[03] \w+ after it was ready)?; 0 lost, chain holds$/,
      async () => {
        const seen = await whileWriting(async () => {
          const since = performance.now();
          signalAll(postgresTree(dataDir).slice(1), "SIGKILL");
          // It may say that it is ready before it has noticed.
          return recovered(since);
        });
        return `${seen}; ${await proof()}`;
      },
    ),
    fault(
      "the audit row cannot be inserted: no change happens",
      "500 ×5, nothing changed; recovered; 0 lost, chain holds",
      async () => {
        const { db, url } = latchkey;
        const { id } = await makeRepository(db, victim, "audited", {
          provider: "gitea",
          host: gitHost.host,
          owner: "acme",
          name: "app",
        });
        const path_ = "/api/v1/repos/git-credentials";
        const made = await ask(url, {
          method: "POST",
          path: path_,
          token,
          body: { repo_id: id, password: mark("audited") },
        });
        const { id: credential } = JSON.parse(made.text) as { id: string };
        await db.$executeRawUnsafe("ALTER TABLE audit_event ADD CONSTRAINT broken CHECK (seq < 0) NOT VALID");
        const before = await tablesDigest(db);
        const questions = [
          { method: "POST", path: "/api/v1/repos", token: await victim.key.token({ repo: "never" }), body: {} },
          { method: "PUT", path: path_, token, body: { id: credential, username: "git", password: mark("unaudited") } },
          { method: "DELETE", path: path_, token, body: { id: credential } },
          { method: "DELETE", path: `/api/repos/${id}/base`, token },
          { method: "DELETE", path: `/api/repos/${id}`, token },
        ];
        const seen = [];
        for (const question of questions) seen.push((await ask(url, question)).status);
        const changed = await changedSince(db, before);
        const since = performance.now();
        await db.$executeRawUnsafe("ALTER TABLE audit_event DROP CONSTRAINT broken");
        const said = new Set(seen).size === 1 ? `${seen[0]} ×${seen.length}` : seen.join();
        return `${said}, ${changed}; ${await recovered(since)}; ${await proof()}`;
      },
    ),
    fault(
      "git alone is killed in the midst of pulls: what it started ends, and others take its place",
      `202, bad_objects, nothing is left ×${MOST_OF_ONE}; 202, succeeded`,
      async () => {
        // Those that share a queue would run one after the other.
        const held = new Map<string, { id: string }>();
        for (let index = 0; held.size < MOST_OF_ONE; index += 1) {
          const made = await hanging(`held-${index}`);
          held.set(queueOf(made.id), made);
        }
        const ids = [...held.values()].map(({ id }) => id);
        const asked = await Promise.all(ids.map(pull));
        const gits = () => childrenOf(latchkey.pid, "fetch --progress");
        await until(
          "git and its helpers run",
          () => gits().length === MOST_OF_ONE && gits().every((git) => tree(git).length > 1),
        );
        const groups = gits().flatMap(tree);
        signalAll(gits(), "SIGKILL");
        // Far less than an upstream may take to answer.
        const ended = await Promise.all(ids.map((id) => outcome(id, { withinMs: 10_000 })));
        await until("nothing is left", () => groups.every((pid) => tree(pid).length === 0), 10_000);
        const each = new Set(ids.map((_, index) => `${asked[index]}, ${ended[index]}, nothing is left`));
        const good = await onHost("after-a-kill");
        return `${[...each].join(" and ")} ×${ids.length}; ${await pull(good.id)}, ${await outcome(good.id)}`;
      },
    ),
    fault(
      "pulls were asked for and everything is killed: they run after the start",
      "202 ×4; recovered; succeeded ×4; 0 lost, chain holds",
      async () => {
        const repositories = [];
        for (let index = 0; index < 4; index += 1) repositories.push(await onHost(`due-${index}`));
        signalAll([childOf(latchkey.pid, "scripts/worker.ts")], "SIGSTOP");
        const asked = new Set<string>();
        for (const { id } of repositories) asked.add(await pull(id));
        const since = performance.now();
        signalAll([...postgresTree(dataDir), ...tree(latchkey.pid)], "SIGKILL");
        await latchkey.stop();
        await restart();
        const back = await recovered(since);
        const ended = new Set<string | null>();
        for (const { id } of repositories) ended.add(await outcome(id));
        return `${[...asked].join()} ×4; ${back}; ${[...ended].join()} ×4; ${await proof()}`;
      },
    ),
    fault("it is asked to stop in the midst of writes", "ended with 0; recovered; 0 lost, chain holds", async () => {
      const [code, since] = await whileWriting(async () => {
        const asked = performance.now();
        const ended = await latchkey.stop();
        kept = acknowledged.length;
        await restart(disturbed());
        return [ended, asked] as const;
      });
      return `ended with ${code}; ${await recovered(since)}; ${await proof()}`;
    }),
  ];

  if (namespaces) {
    const inside = (...command: string[]) =>
      execFileSync("nsenter", [
        "--target",
        String(latchkey.pid),
        "--user",
        "--mount",
        "--preserve-credentials",
        ...command,
      ]);
    attacks.push(
      fault(
        "the mirrors cannot be written to",
        "201, 202, not pulled; then 202, succeeded; 0 lost, chain holds",
        async () => {
          inside("mount", "-o", "remount,ro,bind", mirrors);
          const repository = await onHost("read-only");
          const seen = `${await write()}, ${await pull(repository.id)}`;
          const failed = () =>
            latchkey.db.$queryRaw<
              unknown[]
            >`SELECT 1 FROM graphile_worker._private_jobs WHERE payload::text LIKE ${`%${repository.id}%`} AND attempts > 0 AND locked_at IS NULL`;
          const runs = () =>
            latchkey.db.syncRun.findMany({
              where: { repositoryId: repository.id, outcome: { not: null } },
              orderBy: { number: "desc" },
            });
          await until("the pull is given up", async () => (await failed()).length > 0 || (await runs()).length > 0);
          const before = await runs();
          const pulled = before.some((run) => run.outcome === "succeeded") ? "pulled" : "not pulled";
          inside("mount", "-o", "remount,rw,bind", mirrors);
          const again = await pull(repository.id);
          const then = await outcome(repository.id, { after: before[0]?.number });
          return `${seen}, ${pulled}; then ${again}, ${then}; ${await proof()}`;
        },
      ),
      fault("the disk is full", /^refused with 50\d; recovered; 0 lost, chain holds$/, async () => {
        const filler = path.join(`/proc/${latchkey.pid}/root`, cluster, "filler");
        spawnSync("dd", ["if=/dev/zero", `of=${filler}`, "bs=64k"]);
        let said = "201";
        for (let tries = 0; tries < 5_000 && !said.startsWith("50"); tries += 8) {
          const answers = await Promise.all(Array.from({ length: 8 }, () => write()));
          said = answers.find((answer) => answer.startsWith("50")) ?? said;
        }
        const since = performance.now();
        rmSync(filler);
        const seen = `refused with ${said.slice(0, 3)}; ${await recovered(since)}; ${await proof()}`;
        // What was written there goes with it.
        await latchkey.stop();
        acknowledged.length = kept;
        await restart();
        return seen;
      }),
      fault(
        "the data folder cannot be written to: the start is refused in a sentence",
        /^ended with [1-9]\d*, in a sentence$/,
        async () => {
          const bare = mkdtempSync(path.join(folder, "bare-"));
          writeFileSync(path.join(bare, "master-keys"), `k1:${randomBytes(32).toString("base64")}\n`);
          const [command, ...args] = inNamespace(readOnly(bare));
          const child = spawn(command!, [...args, process.execPath, "--import", "tsx", "scripts/launch.ts"], {
            env: {
              PATH: process.env.PATH,
              NODE_ENV: "production",
              LATCHKEY_DATA_DIR: bare,
              PORT: String(await freePort()),
            },
            stdio: ["ignore", "ignore", "pipe"],
          });
          let printed = "";
          child.stderr.on("data", (chunk: Buffer) => (printed += chunk.toString()));
          const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
          return `ended with ${code}, ${/✗ /.test(printed) && !printed.includes("    at ") ? "in a sentence" : printed}`;
        },
      ),
    );
  }

  attacks.push(
    ...slow.attacks,
    searchOthersOutput(arena),
    searchOthersFolders(arena),
    fault(
      "after all of it a stored secret is still the one that was stored",
      "reads_and_writes; 0 lost, chain holds",
      async () => {
        const password = mark("last");
        gitHost.tokens.set(password, "write");
        const { id } = await makeRepository(latchkey.db, victim, "last", {
          provider: "gitea",
          host: gitHost.host,
          owner: "acme",
          name: "app",
        });
        const made = await ask(latchkey.url, {
          method: "POST",
          path: "/api/v1/repos/git-credentials",
          token,
          body: { repo_id: id, username: "git", password },
        });
        const { id: credential } = JSON.parse(made.text) as { id: string };
        const tested = await testStored(latchkey.url, token, { repo: id, id: credential });
        return `${(JSON.parse(tested.text) as { outcome: string }).outcome}; ${await proof()}`;
      },
    ),
  );
  return {
    attacks,
    skipped,
    stop: async () => {
      await slow.stop();
      await latchkey.stop();
    },
  };
}

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { startEmbeddedPostgres } from "@/lib/platform/database/embedded-postgres";
import { makeRepository } from "@/prisma/factories";
import { freePort, startLatchkey, type Latchkey } from "../start-latchkey";
import { makeVictim, testStored, type Arena } from "./arena";
import type { Attack } from "./attack";
import { ask, summary } from "./ask";
import { auditChain } from "./audit-chain";
import { fakeClock } from "./fake-clock";
import { killLoop } from "./kill-loop";
import { childOf, postgresTree, signalAll, tree, until } from "./processes";
import { changedSince, tablesDigest } from "./tables-digest";

/** What the faults add up to, for the figures at the end. */
export const figures = { acknowledged: 0, lost: 0, longestRecoveryMs: 0 };

type Victim = Awaited<ReturnType<typeof makeVictim>>;

/** Writes that go on through a fault: what was acknowledged is remembered and counted afterwards. */
function writerOf(latchkey: () => Latchkey, victim: Victim, host: string) {
  const acknowledged: string[] = [];
  let count = 0;
  return {
    acknowledged,
    /** One credential on a repository of its own: the status, or "no answer" within `withinMs`. */
    write: async (withinMs = 30_000): Promise<string> => {
      const name = `written-${++count}-${randomBytes(3).toString("hex")}`;
      const { url } = latchkey();
      const token = await victim.key.token({ repo: name });
      const base_repo = { provider: "gitea", owner: "acme", name: "app", upstream_host: host };
      const written = async () => {
        const made = await ask(url, { method: "POST", path: "/api/v1/repos", token, body: { base_repo } });
        if (made.status !== 201) return summary(made);
        const body = { repo_id: name, username: "git", password: "a" };
        const stored = await ask(url, { method: "POST", path: "/api/v1/repos/git-credentials", token, body });
        if (stored.status === 201) acknowledged.push((JSON.parse(stored.text) as { id: string }).id);
        return summary(stored);
      };
      const late = new Promise<string>((resolve) => setTimeout(() => resolve("no answer"), withinMs).unref());
      return Promise.race([written().catch(() => "no answer"), late]);
    },
    /** Whether all of it is there and the chain holds. */
    proof: async (): Promise<string> => {
      const { db } = latchkey();
      const there = await db.gitCredential.count({ where: { id: { in: acknowledged } } });
      const lost = acknowledged.length - there;
      figures.acknowledged += acknowledged.length;
      figures.lost += lost;
      return `${lost} lost, chain ${await auditChain(db, victim.id)}`;
    },
  };
}

/** Processes killed, a database that is stopped, paused, full or in the way, a clock that moves. */
export async function faults(
  arena: Arena,
  kills: number,
): Promise<{ attacks: Attack[]; skipped: string[]; stop: () => Promise<unknown> }> {
  const { variables, folder, gitHost, hostile } = arena;
  const dataDir = mkdtempSync(path.join(folder, "faults-"));
  let latchkey = await startLatchkey({ ...variables, LATCHKEY_DATA_DIR: dataDir });
  const victim = await makeVictim(latchkey.db);
  const { token } = victim;
  const { write, proof, acknowledged } = writerOf(() => latchkey, victim, gitHost.host);
  const recovered = async (since = Date.now()) => {
    await until(
      "ready again",
      async () => (await ask(latchkey.url, { path: "/api/ready" }).catch(() => null))?.status === 200,
    );
    await until("a write succeeds again", async () => (await write()) === "201");
    figures.longestRecoveryMs = Math.max(figures.longestRecoveryMs, Date.now() - since);
    return "recovered";
  };
  const restart = async (extra: Record<string, string> = {}, within: readonly string[] = []) => {
    const since = Date.now();
    latchkey = await startLatchkey({ ...variables, LATCHKEY_DATA_DIR: dataDir, ...extra }, ".", within);
    return since;
  };
  const get = async (path_: string) => (await ask(latchkey.url, { path: path_ })).status;
  const fault = (name: string, expected: Attack["expected"], attempt: () => Promise<string>): Attack => ({
    name,
    expected,
    attempt,
    writes: true,
  });
  const needs = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
  const namespaces = needs("unshare", "--user", "--map-root-user", "--mount", "true");
  const pull = async (repo: string) =>
    summary(await ask(latchkey.url, { method: "POST", path: `/api/repos/${repo}/pull-upstream`, token, body: {} }));
  const outcome = async (repositoryId: string, after = 0) => {
    const ended = () =>
      latchkey.db.syncRun.findFirst({
        where: { repositoryId, finishedAt: { not: null }, number: { gt: after } },
        orderBy: { number: "asc" },
      });
    await until("a pull ends", async () => (await ended()) !== null);
    return (await ended())!.outcome;
  };
  const onHost = (name: string) =>
    makeRepository(latchkey.db, victim, name, { provider: "gitea", host: gitHost.host, owner: "oss", name: "cli" });
  gitHost.addRepository("oss/cli", { public: true });

  const attacks = [
    fault(
      `everything, the web process or the launcher is killed in a write loop, ${kills} times`,
      /^0 lost, nothing wrong$/,
      async () => {
        const result = await killLoop(arena, kills);
        figures.acknowledged += result.acknowledged;
        figures.lost += result.lost;
        figures.longestRecoveryMs = Math.max(figures.longestRecoveryMs, result.longestRecoveryMs);
        return `${result.lost} lost, ${result.faults.slice(0, 5).join("; ") || "nothing wrong"}`;
      },
    ),
    fault(
      "the database is stopped, and started again",
      "201; 503 busy, health 200, ready 503; recovered; 0 lost, chain holds",
      async () => {
        const before = await write();
        const postgres = await startEmbeddedPostgres(dataDir);
        await postgres.stop();
        const meanwhile = `${await write()}, health ${await get("/api/health")}, ready ${await get("/api/ready")}`;
        const since = Date.now();
        await startEmbeddedPostgres(dataDir);
        return `${before}; ${meanwhile}; ${await recovered(since)}; ${await proof()}`;
      },
    ),
    fault(
      "the database is paused, and goes on",
      /^201; (no answer|503 busy), health 200; recovered; 0 lost, chain holds$/,
      async () => {
        const before = await write();
        const paused = postgresTree(dataDir);
        signalAll(paused, "SIGSTOP");
        const meanwhile = `${await write(3_000)}, health ${await get("/api/health")}`;
        signalAll(paused, "SIGCONT");
        return `${before}; ${meanwhile}; ${await recovered()}; ${await proof()}`;
      },
    ),
    fault("the database's own processes are killed while writes go on", "recovered; 0 lost, chain holds", async () => {
      const writes = Promise.all(Array.from({ length: 8 }, () => write()));
      signalAll(postgresTree(dataDir).slice(-3), "SIGKILL");
      await writes;
      return `${await recovered()}; ${await proof()}`;
    }),
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
        const made = await ask(url, { method: "POST", path: path_, token, body: { repo_id: id, password: "x" } });
        const { id: credential } = JSON.parse(made.text) as { id: string };
        await db.$executeRawUnsafe("ALTER TABLE audit_event ADD CONSTRAINT broken CHECK (seq < 0) NOT VALID");
        const before = await tablesDigest(db);
        const questions = [
          { method: "POST", path: "/api/v1/repos", token: await victim.key.token({ repo: "never" }), body: {} },
          { method: "PUT", path: path_, token, body: { id: credential, username: "git", password: "y" } },
          { method: "DELETE", path: path_, token, body: { id: credential } },
          { method: "DELETE", path: `/api/repos/${id}/base`, token },
          { method: "DELETE", path: `/api/repos/${id}`, token },
        ];
        const seen = [];
        for (const question of questions) seen.push((await ask(url, question)).status);
        const changed = await changedSince(db, before);
        await db.$executeRawUnsafe("ALTER TABLE audit_event DROP CONSTRAINT broken");
        const said = new Set(seen).size === 1 ? `${seen[0]} ×${seen.length}` : seen.join();
        return `${said}, ${changed}; ${await recovered()}; ${await proof()}`;
      },
    ),
    fault(
      "git is killed in the midst of a pull",
      /^202; (?!succeeded)\w+, no git is left; 202, succeeded$/,
      async () => {
        const slow = await makeRepository(latchkey.db, victim, "slow", {
          provider: "gitea",
          host: hostile.host,
          owner: "hang",
          name: "app",
        });
        const asked = await pull(slow.id);
        const git = () => childOf(latchkey.pid, "fetch --progress");
        await until("git runs", () => git() !== undefined);
        signalAll(tree(git()!), "SIGKILL");
        const ended = await outcome(slow.id);
        await latchkey.db.repository.delete({ where: { id: slow.id } });
        await until("no git is left", () => git() === undefined);
        const good = await onHost("after-a-kill");
        return `${asked}; ${ended}, no git is left; ${await pull(good.id)}, ${await outcome(good.id)}`;
      },
    ),
    fault(
      "pulls were asked for and everything is killed: they run after the start",
      "202 ×4; succeeded ×4; 0 lost, chain holds",
      async () => {
        const repositories = [];
        for (let index = 0; index < 4; index += 1) repositories.push(await onHost(`due-${index}`));
        signalAll([childOf(latchkey.pid, "scripts/worker.ts")], "SIGSTOP");
        const asked = new Set<string>();
        for (const { id } of repositories) asked.add(await pull(id));
        signalAll([...postgresTree(dataDir), ...tree(latchkey.pid)], "SIGKILL");
        await latchkey.stop();
        await restart();
        const ended = new Set<string | null>();
        for (const { id } of repositories) ended.add(await outcome(id));
        return `${[...asked].join()} ×4; ${[...ended].join()} ×4; ${await proof()}`;
      },
    ),
    fault(
      "the worker is killed: all of it ends, so that it is started again",
      "ended with 1, nothing is left; recovered; 0 lost, chain holds",
      async () => {
        await write();
        const all = tree(latchkey.pid);
        signalAll([childOf(latchkey.pid, "scripts/worker.ts")], "SIGKILL");
        await until("all of it has ended", () => all.every((pid) => tree(pid).length === 0));
        const left = postgresTree(dataDir).length;
        const code = await latchkey.stop();
        const since = await restart();
        return `ended with ${code}, ${left === 0 ? "nothing is left" : "PostgreSQL is left"}; ${await recovered(since)}; ${await proof()}`;
      },
    ),
    fault("it is asked to stop in the midst of writes", /^ended with 0; recovered; 0 lost, chain holds$/, async () => {
      let stopped = false;
      const writers = Array.from({ length: 4 }, async () => {
        while (!stopped) if ((await write()) === "no answer") return;
      });
      const enough = acknowledged.length + 10;
      await until("some are written", () => acknowledged.length >= enough);
      const code = await latchkey.stop();
      stopped = true;
      await Promise.all(writers);
      const since = await restart();
      return `ended with ${code}; ${await recovered(since)}; ${await proof()}`;
    }),
  ];

  const skipped: string[] = [];
  const clock = fakeClock();
  if (clock) {
    for (const shift of ["+2h", "-2h"]) {
      attacks.push(
        fault(
          `the clock is moved by ${shift}`,
          `a token for an hour: ${shift === "+2h" ? "401 unauthenticated" : "200"}; 201; back: 201; 0 lost, chain holds`,
          async () => {
            await latchkey.stop();
            await restart({ LD_PRELOAD: clock, FAKETIME: shift, DONT_FAKE_MONOTONIC: "1" });
            const short = summary(await ask(latchkey.url, { path: "/api/v1/repos", token }));
            const long = await victim.key.token({
              repo: `moved-${randomBytes(3).toString("hex")}`,
              exp: Math.floor(Date.now() / 1000) + 4 * 3600,
            });
            const written = summary(
              await ask(latchkey.url, { method: "POST", path: "/api/v1/repos", token: long, body: {} }),
            );
            await latchkey.stop();
            await restart();
            return `a token for an hour: ${short}; ${written}; back: ${await write()}; ${await proof()}`;
          },
        ),
      );
    }
  } else skipped.push("the clock moved: it needs the command faketime, which is installed for root on Debian only");

  if (namespaces) {
    const inNamespace = (script: string) => [
      "unshare",
      "--user",
      "--map-root-user",
      "--mount",
      "sh",
      "-c",
      `${script} && exec "$@"`,
      "sh",
    ];
    attacks.push(
      fault("the disk is full", /^refused with 50\d; recovered; 0 lost, chain holds$/, async () => {
        await latchkey.stop();
        const cluster = path.join(dataDir, "postgres", "cluster");
        const small = path.join(folder, "small");
        mkdirSync(small);
        const megabytes = Number(execFileSync("du", ["-sm", cluster], { encoding: "utf8" }).split("\t")[0]) + 48;
        await restart(
          {},
          inNamespace(
            `mount -t tmpfs -o size=${megabytes}m none ${small} && cp -a ${cluster}/. ${small}/ && mount --bind ${small} ${cluster}`,
          ),
        );
        const filler = path.join(`/proc/${latchkey.pid}/root`, cluster, "filler");
        spawnSync("dd", ["if=/dev/zero", `of=${filler}`, "bs=64k"]);
        let said = "201";
        for (let tries = 0; tries < 5_000 && !said.startsWith("50"); tries += 8) {
          const answers = await Promise.all(Array.from({ length: 8 }, () => write()));
          said = answers.find((answer) => answer.startsWith("50")) ?? said;
        }
        rmSync(filler);
        const seen = `refused with ${said.slice(0, 3)}; ${await recovered()}; ${await proof()}`;
        // What was written there goes with it.
        await latchkey.stop();
        acknowledged.length = 0;
        await restart();
        return seen;
      }),
      fault(
        "the mirrors cannot be written to",
        /^201, 202, not pulled; then succeeded; 0 lost, chain holds$/,
        async () => {
          const mirrors = path.join(dataDir, "mirrors");
          await latchkey.stop();
          await restart({}, inNamespace(`mount --bind ${mirrors} ${mirrors} && mount -o remount,ro,bind ${mirrors}`));
          const repository = await onHost("read-only");
          const seen = `${await write()}, ${await pull(repository.id)}`;
          const failed = () =>
            latchkey.db.$queryRaw<
              unknown[]
            >`SELECT 1 FROM graphile_worker._private_jobs WHERE payload::text LIKE ${`%${repository.id}%`} AND attempts > 0 AND locked_at IS NULL`;
          const run = () =>
            latchkey.db.syncRun.findFirst({ where: { repositoryId: repository.id, outcome: { not: null } } });
          await until("the pull is given up", async () => (await failed()).length > 0 || (await run()) !== null);
          const pulled = (await run())?.outcome === "succeeded" ? "pulled" : "not pulled";
          const [{ number } = { number: 0 }] = await latchkey.db.syncRun.findMany({
            where: { repositoryId: repository.id },
            orderBy: { number: "desc" },
            take: 1,
          });
          await latchkey.stop();
          await restart();
          await pull(repository.id);
          return `${seen}, ${pulled}; then ${await outcome(repository.id, number)}; ${await proof()}`;
        },
      ),
      fault(
        "the data folder cannot be written to: the start is refused in a sentence",
        /^ended with [1-9]\d*, in a sentence$/,
        async () => {
          const bare = mkdtempSync(path.join(folder, "bare-"));
          writeFileSync(path.join(bare, "master-keys"), `k1:${randomBytes(32).toString("base64")}\n`);
          const [command, ...args] = inNamespace(`mount --bind ${bare} ${bare} && mount -o remount,ro,bind ${bare}`);
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
  } else skipped.push("disk full and read-only: they need user and mount namespaces, which this system refuses");

  attacks.push(
    fault(
      "after all of it a stored secret is still the one that was stored",
      "reads_and_writes; 0 lost, chain holds",
      async () => {
        const password = randomBytes(12).toString("hex");
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
  return { attacks, skipped, stop: () => latchkey.stop() };
}

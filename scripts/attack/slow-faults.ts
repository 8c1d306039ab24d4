import { mkdtempSync, writeFileSync } from "node:fs";
import path from "node:path";
import { makeRepository } from "@/prisma/factories";
import { startGitHost } from "../git-host/start-git-host";
import { askForPull, makeVictim, writeAuthorities, type Arena } from "./arena";
import type { Attack } from "./attack";
import { ask, summary } from "./ask";
import { fakeClock } from "./fake-clock";
import { startHostileHost } from "./hostile-host";
import { killLoop } from "./kill-loop";
import { childOf, childrenOf, postgresTree, signalAll, tree, until } from "./processes";
import { pullOutcome } from "./pull-outcome";
import { figures, writerOf } from "./writer";

/** A request that nothing answers is given up after a minute (docs/operate/README.md, Limits). */
const GIVEN_UP_MS = 60_000;
const HOUR_MS = 60 * 60 * 1000;

export interface SlowFaults {
  attacks: Attack[];
  skipped: string[];
  stop: () => Promise<unknown>;
}

/**
 * Faults that take minutes, by waiting or by starting again and again: they happen beside all the others, on installations
 * and hosts of their own, since others count what the arena's is asked.
 */
export async function slowFaults(
  { startOther: startAny, folder }: Pick<Arena, "startOther" | "folder">,
  kills: number,
): Promise<SlowFaults> {
  const dataDir = mkdtempSync(path.join(folder, "slow-"));
  const library = fakeClock();
  const clock = path.join(folder, "clock");
  const shift = (by: string) => writeFileSync(clock, by);
  shift("+0");
  const gitHost = await startGitHost("Gitea");
  gitHost.addRepository("oss/cli", { public: true });
  gitHost.addRepository("acme/app");
  const hostile = await startHostileHost(folder, "slow");
  const caFile = path.join(folder, "slow-authorities.pem");
  writeAuthorities(caFile, [gitHost, hostile]);
  const reach = { LATCHKEY_EGRESS_ALLOW: `${gitHost.host},${hostile.host}`, LATCHKEY_UPSTREAM_CA_FILE: caFile };
  const startOther: Arena["startOther"] = (own, ...where) => startAny({ ...reach, ...own }, ...where);
  const start = () =>
    startOther({
      LATCHKEY_DATA_DIR: dataDir,
      ...(library && {
        ...{ LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: clock, FAKETIME_CACHE_DURATION: "1" },
        DONT_FAKE_MONOTONIC: "1",
      }),
    });
  let latchkey = await start();
  const victim = await makeVictim(latchkey.db);
  const { write, recovered, proof } = writerOf(() => latchkey, victim, gitHost.host);
  const upstream = (host: string, owner: string, name: string) => ({ provider: "gitea" as const, host, owner, name });
  const pull = (repo: string, token = victim.token) => askForPull(latchkey.url, token, repo);
  const { id: hanging } = await makeRepository(latchkey.db, victim, "hanging", upstream(hostile.host, "hang", "app"));

  async function interrupt(): Promise<string> {
    const asked = await pull(hanging);
    await until("git runs", () => childrenOf(latchkey.pid, "remote-http").length > 0);
    const all = [...tree(latchkey.pid), ...postgresTree(dataDir)];
    const since = performance.now();
    signalAll([childOf(latchkey.pid, "scripts/worker.ts")], "SIGKILL");
    // By itself, before anybody asks it to.
    await until("all of it has ended", () => all.every((pid) => tree(pid).length === 0), 30_000);
    const code = await latchkey.stop();
    latchkey = await start();
    return `${asked}; ended with ${code}, nothing is left; ${await recovered(since)}; ${await proof()}`;
  }

  async function pause(): Promise<string> {
    const before = await write();
    const paused = postgresTree(dataDir);
    const asked = performance.now();
    signalAll(paused, "SIGSTOP");
    const said = await write(2 * GIVEN_UP_MS);
    const inTime = performance.now() - asked < GIVEN_UP_MS + 10_000;
    const health = (await ask(latchkey.url, { path: "/api/health" })).status;
    const since = performance.now();
    signalAll(paused, "SIGCONT");
    return `${before}; ${said}, ${inTime ? "in time" : "too late"}, health ${health}; ${await recovered(since)}; ${await proof()}`;
  }

  async function jump(): Promise<string> {
    const { db, url } = latchkey;
    const list = async (token: string) => summary(await ask(url, { path: "/api/v1/repos", token }));
    const { id } = await makeRepository(db, victim, "timed", upstream(gitHost.host, "oss", "cli"));
    const pulledBy = async (number: number) => {
      const run = () => db.syncRun.findFirst({ where: { repositoryId: id, number, finishedAt: { not: null } } });
      await until(`pull ${number} ends`, async () => (await run()) !== null);
      const { outcome, requestedBy } = (await run())!;
      return `${requestedBy === "schedule" ? "schedule" : "token"} ${outcome}`;
    };
    /** Sets the clock, and waits until the server has it and the worker has said by it that it lives. */
    const jumpTo = async (by: string, ms: number) => {
      shift(by);
      const near = (time: number) => Math.abs(time - Date.now() - ms) < HOUR_MS;
      await until("the clock jumps", async () => {
        const { headers } = await ask(url, { path: "/api/health" });
        return near(Date.parse(headers.date ?? ""));
      });
      await until("the worker's leases go on", async () => {
        const { _max: newest } = await db.workerLease.aggregate({ _max: { seenAt: true } });
        return near(newest.seenAt?.getTime() ?? 0);
      });
      return by;
    };
    const seconds = () => Math.floor(Date.now() / 1000);
    const seen = [`${await pull("timed")}, ${await pulledBy(1)}`];
    seen.push(`${await jumpTo("+2h", 2 * HOUR_MS)}: ${await list(victim.token)}, ${await pulledBy(2)}`);
    const ended = await victim.key.token({ iat: seconds() - 5400, exp: seconds() - 1800 });
    const back = `${await jumpTo("-2h", -2 * HOUR_MS)}: ${await list(ended)}, `;
    seen.push(`${back}${await pull("timed", ended)}, ${await pulledBy(3)}`);
    seen.push(`${await jumpTo("+0", 0)}: ${await list(ended)}, ${await write()}`);
    return `${seen.join("; ")}; ${await proof()}`;
  }

  const interrupted = interrupt();
  const paused = interrupted.catch(() => undefined).then(pause);
  const jumped = paused.catch(() => undefined).then(() => (library ? jump() : ""));
  const killed = killLoop({ gitHost, startOther, folder }, kills);
  // They end when they end; whoever asks for them is told then.
  for (const each of [interrupted, paused, jumped, killed]) each.catch(() => undefined);
  const attacks: Attack[] = [
    {
      name: "the worker is killed in the midst of a pull: all of it ends, git too, so that it is started again",
      expected: "202; ended with 1, nothing is left; recovered; 0 lost, chain holds",
      writes: true,
      attempt: () => interrupted,
    },
    {
      name: "the database is paused, and goes on",
      expected: "201; 503 busy, in time, health 200; recovered; 0 lost, chain holds",
      writes: true,
      attempt: () => paused,
    },
  ];
  if (library) {
    attacks.push({
      name: "the clock jumps by two hours, forwards and backwards, while all goes on",
      expected: [
        "202, token succeeded",
        "+2h: 401 unauthenticated, schedule succeeded",
        // The host's certificate is from now on, so it is not good yet.
        "-2h: 200, 202, token unreachable",
        "+0: 401 unauthenticated, 201",
        "0 lost, chain holds",
      ].join("; "),
      writes: true,
      attempt: () => jumped,
    });
  }
  attacks.push(
    {
      name: "the pull in whose midst the worker was killed is over",
      expected: "stopped",
      writes: true,
      attempt: () => pullOutcome(latchkey.db, hanging),
    },
    {
      name: `everything, the web process or the launcher is killed in a write loop, ${kills} times`,
      expected: "0 lost, nothing wrong",
      writes: true,
      attempt: async () => {
        const result = await killed;
        figures.acknowledged += result.acknowledged;
        figures.lost += result.lost;
        figures.longestRecoveryMs = Math.max(figures.longestRecoveryMs, result.longestRecoveryMs);
        return `${result.lost} lost, ${result.faults.slice(0, 5).join("; ") || "nothing wrong"}`;
      },
    },
  );
  const reason = "the clock moved: it needs the command faketime, which is installed for root on Debian only";
  const stop = async () => {
    await latchkey.stop();
    await gitHost.stop();
    await hostile.stop();
  };
  return { attacks, skipped: library ? [] : [reason], stop };
}

import { mkdtempSync, writeFileSync } from "node:fs";
import path from "node:path";
import { makeRepository } from "@/prisma/factories";
import { startGitHost } from "../git-host/start-git-host";
import { makeVictim, type Arena } from "./arena";
import type { Attack } from "./attack";
import { ask, summary } from "./ask";
import { fakeClock } from "./fake-clock";
import { postgresTree, signalAll, until } from "./processes";
import { writerOf } from "./writer";

/** A request that nothing answers is given up after a minute (docs/operate/README.md, Limits). */
const GIVEN_UP_MS = 60_000;
const HOUR_MS = 60 * 60 * 1000;

export interface SlowFaults {
  attacks: Attack[];
  skipped: string[];
  stop: () => Promise<unknown>;
}

/**
 * Faults that are waited for more than worked at: they happen beside all the others, on an installation and a Git host of
 * their own, since others count what the arena's is asked.
 */
export async function slowFaults({ startOther, folder }: Pick<Arena, "startOther" | "folder">): Promise<SlowFaults> {
  const dataDir = mkdtempSync(path.join(folder, "slow-"));
  const library = fakeClock();
  const clock = path.join(folder, "clock");
  const shift = (by: string) => writeFileSync(clock, by);
  shift("+0");
  const gitHost = await startGitHost("Gitea");
  gitHost.addRepository("oss/cli", { public: true });
  const latchkey = await startOther({
    ...{ LATCHKEY_DATA_DIR: dataDir, LATCHKEY_EGRESS_ALLOW: gitHost.host, LATCHKEY_UPSTREAM_CA_FILE: gitHost.caFile },
    ...(library && {
      ...{ LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: clock, FAKETIME_CACHE_DURATION: "1" },
      DONT_FAKE_MONOTONIC: "1",
    }),
  });
  const { db, url } = latchkey;
  const victim = await makeVictim(db);
  const { write, recovered, proof } = writerOf(() => latchkey, victim, gitHost.host);
  const list = async (token: string) => summary(await ask(url, { path: "/api/v1/repos", token }));

  async function pause(): Promise<string> {
    const before = await write();
    const paused = postgresTree(dataDir);
    const asked = performance.now();
    signalAll(paused, "SIGSTOP");
    const said = await write(2 * GIVEN_UP_MS);
    const inTime = performance.now() - asked < GIVEN_UP_MS + 10_000;
    const health = (await ask(url, { path: "/api/health" })).status;
    const since = performance.now();
    signalAll(paused, "SIGCONT");
    return `${before}; ${said}, ${inTime ? "in time" : "too late"}, health ${health}; ${await recovered(since)}; ${await proof()}`;
  }

  async function jump(): Promise<string> {
    const upstream = { provider: "gitea" as const, host: gitHost.host, owner: "oss", name: "cli" };
    const { id } = await makeRepository(db, victim, "timed", upstream);
    const pulledBy = async (number: number) => {
      const run = () => db.syncRun.findFirst({ where: { repositoryId: id, number, finishedAt: { not: null } } });
      await until(`pull ${number} ends`, async () => (await run()) !== null);
      const { outcome, requestedBy } = (await run())!;
      return `${requestedBy === "schedule" ? "schedule" : "token"} ${outcome}`;
    };
    const pull = { method: "POST", path: "/api/repos/timed/pull-upstream", body: {} };
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
    const first = summary(await ask(url, { token: victim.token, ...pull }));
    const seen = [`${first}, ${await pulledBy(1)}`];
    seen.push(`${await jumpTo("+2h", 2 * HOUR_MS)}: ${await list(victim.token)}, ${await pulledBy(2)}`);
    const ended = await victim.key.token({ iat: seconds() - 5400, exp: seconds() - 1800 });
    const back = `${await jumpTo("-2h", -2 * HOUR_MS)}: ${await list(ended)}, `;
    seen.push(`${back}${summary(await ask(url, { token: ended, ...pull }))}, ${await pulledBy(3)}`);
    seen.push(`${await jumpTo("+0", 0)}: ${await list(ended)}, ${await write()}`);
    return `${seen.join("; ")}; ${await proof()}`;
  }

  const paused = pause();
  const jumped = paused.catch(() => undefined).then(() => (library ? jump() : ""));
  // They end when they end; whoever asks for them is told then.
  for (const each of [paused, jumped]) each.catch(() => undefined);
  const attacks: Attack[] = [
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
  const reason = "the clock moved: it needs the command faketime, which is installed for root on Debian only";
  const stop = async () => {
    await latchkey.stop();
    await gitHost.stop();
  };
  return { attacks, skipped: library ? [] : [reason], stop };
}

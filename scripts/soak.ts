import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeOrganization, makeRepository, makeSigningKey } from "@/prisma/factories";
import { startGitHost } from "./git-host/start-git-host";
import { survivors } from "./processes";
import { signedInMember } from "./signed-in-member";
import { Answers, prepareLoad, runLoad, type Installation } from "./soak/load";
import { trendOf, type Sample } from "./soak/verdict";
import { look, NODE_OPTIONS, WATCHED, type Look, type Watched } from "./soak/watch";
import { startLatchkey, type Latchkey } from "./start-latchkey";

// `npm run soak -- MINUTES`: everything at once for so long, on the production build, and what it does to memory,
// handles, the database and the answers. Ends with 1 where something grows or breaks: docs/reliability.md.

const EVERY_MS = 10_000;
/** How often it says how it goes, in looks. */
const SAID_EVERY = 6;
/** Latchkey is killed after the first of these shares of the time and restarted after the second; between, it is watched. */
const [KILLED_AT, RESTARTED_AT] = [0.05, 0.92];
/** Of the time between: caches and pools fill. */
const WARM_UP = 0.33;
const MOST_MB_PER_MINUTE = 1;
const MOST_HANDLES_MORE = 5;
const MOST_HANDLES_PER_MINUTE = 1;
/**
 * Of PostgreSQL, as a share: connections come and go with the load, and what files each has open is a cache of its own that
 * ends with it.
 */
const MOST_OF_POSTGRES_MORE = 0.2;
/** A pull may be under way at the end, for so long. */
const PULL_MS = 60_000;

const minutes = Number(process.argv[2]);
if (!(minutes > 0)) {
  console.error("npm run soak -- MINUTES");
  process.exit(2);
}

const AUTH_SECRET = randomBytes(32).toString("hex");
const dataDir = mkdtempSync(path.join(os.tmpdir(), "latchkey-soak-"));
const gitHost = await startGitHost("GitLab");
const variables = {
  AUTH_SECRET,
  LOG_LEVEL: "warn",
  LATCHKEY_DATA_DIR: dataDir,
  LATCHKEY_EGRESS_ALLOW: gitHost.host,
  LATCHKEY_UPSTREAM_CA_FILE: gitHost.caFile,
  NODE_OPTIONS,
};
const printed: string[] = [];
let latchkey = await startLatchkey(variables);
let restarting = false;
const restarts: { from: number; to: number }[] = [];

const answers = new Answers();
const installation = await makeInstallation();
await prepareLoad(installation, answers);
const stopping = new AbortController();
const load = runLoad(installation, answers, stopping.signal);
const samples = Object.fromEntries(WATCHED.map((name) => [name, [] as Sample[]])) as Record<Watched, Sample[]>;
const zombies = new Set<number>();
/** Looks that came to nothing, and why. */
const failedLooks: string[] = [];
const databaseSizes: { minute: number; megabytes: number }[] = [];

const started = performance.now();
const minute = () => (performance.now() - started) / 60_000;
await watchUntil(minutes * KILLED_AT, { keep: false });
await restart("SIGKILL");
const from = minute();
await watchUntil(from + (minutes * RESTARTED_AT - from) * WARM_UP, { keep: false });
await watchUntil(minutes * RESTARTED_AT, { keep: true });
await restart("SIGTERM");
await watchUntil(minutes, { keep: false });
stopping.abort();
await load;
const runs = await latchkey.db.syncRun.findMany({ select: { outcome: true, startedAt: true, finishedAt: true } });
const runsReadAt = Date.now();
const stoppedWith = await stop("SIGTERM");
await gitHost.stop();
const left = survivors(dataDir);
rmSync(dataDir, { recursive: true, force: true });
process.exitCode = report() ? 0 : 1;

async function makeInstallation(): Promise<Installation> {
  const { db } = latchkey;
  const organization = await makeOrganization(db, "soak");
  const upstream = { provider: "gitlab" as const, host: gitHost.host, owner: "acme" };
  const pulled = ["api", "web", "docs"];
  for (const name of pulled) {
    gitHost.addRepository(`acme/${name}`);
    await makeRepository(db, organization, name, { ...upstream, name });
  }
  const changing: string[] = [];
  for (let number = 0; number < 20; number += 1) {
    changing.push((await makeRepository(db, organization, `changing-${number}`)).id);
  }
  return {
    ...{ organization, gitHost, pulled, changing, tokens: new Map<string, string>() },
    url: () => latchkey.url,
    restarting: () => restarting,
    key: await makeSigningKey(db, organization),
    cookie: (await signedInMember(db, organization, "owner", AUTH_SECRET)).cookie,
  };
}

/** Looks at the processes every few seconds; what is seen counts where `keep` says so, zombies always. */
async function watchUntil(end: number, { keep }: { keep: boolean }): Promise<void> {
  let waited = new Set<number>();
  for (let looks = 0; minute() < end; looks += 1) {
    const [seen] = await Promise.all([
      look(latchkey).catch((error: unknown) => void failedLooks.push(String(error))),
      sleep(EVERY_MS),
    ]);
    if (!seen) continue;
    if (looks % SAID_EVERY === 0) console.log(`  minute ${minute().toFixed(1)}: ${inWords(seen)}`);
    // Every child is a zombie for the moment until its parent hears of its end.
    for (const pid of seen.zombies) if (waited.has(pid)) zombies.add(pid);
    waited = new Set(seen.zombies);
    if (keep) {
      for (const name of WATCHED) samples[name].push({ minute: minute(), ...seen.samples[name] });
      databaseSizes.push({ minute: minute(), megabytes: await databaseSize(latchkey) });
    }
  }
}

function inWords({ samples: seen }: Look): string {
  const each = WATCHED.map((name) => {
    const { processes, megabytes, handles } = seen[name];
    return `${name} ${processes === 1 ? "" : `${processes} × `}${megabytes.toFixed(1)} MB, ${handles.toFixed(0)} handles`;
  });
  return each.join("; ");
}

async function databaseSize({ db }: Latchkey): Promise<number> {
  const [row] = await db.$queryRaw<{ bytes: bigint }[]>`SELECT pg_database_size(current_database()) AS bytes`;
  return Number(row!.bytes) / 1024 / 1024;
}

async function stop(signal: "SIGTERM" | "SIGKILL"): Promise<number | null> {
  if (signal === "SIGKILL") process.kill(latchkey.pid, signal);
  const code = await latchkey.stop();
  printed.push(latchkey.output());
  return code;
}

async function restart(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  restarting = true;
  const from = Date.now();
  await stop(signal);
  latchkey = await startLatchkey(variables);
  restarting = false;
  restarts.push({ from, to: Date.now() });
  console.log(`  minute ${minute().toFixed(1)}: restarted after ${signal}`);
}

/** How pulls ended, how often; "other" is what a restart does not explain. */
function pullsSeen(): { all: string; other: string[] } {
  const count = (found: typeof runs) => {
    const counts = new Map<string, number>();
    for (const { outcome } of found) counts.set(outcome ?? "running", (counts.get(outcome ?? "running") ?? 0) + 1);
    return [...counts].map(([outcome, times]) => `${times} ${outcome}`);
  };
  const other = runs.filter(({ outcome, startedAt, finishedAt }) => {
    const [began, ended] = [startedAt.getTime(), finishedAt?.getTime() ?? runsReadAt];
    if (outcome === "succeeded" || (outcome === null && runsReadAt - began < PULL_MS)) return false;
    return !restarts.some(({ from, to }) => began <= to && ended >= from);
  });
  return { all: count(runs).join(", "), other: count(other) };
}

/** Prints what was seen; false where something is not as it should be. */
function report(): boolean {
  const trends = WATCHED.map((name) => ({ name, ...trendOf(samples[name]) }));
  const round = (number: number) => Number(number.toFixed(2));
  console.table(
    trends.map(({ name, ...trend }) => ({
      name,
      processes: trend.processes,
      more: trend.processesMore,
      "MB each": round(trend.megabytes),
      "MB a minute": round(trend.megabytesPerMinute),
      "MB a minute, uncollected": round(trend.uncollectedPerMinute),
      "handles each": round(trend.handles),
      "handles more": trend.handlesMore,
      "handles a minute": round(trend.handlesPerMinute),
    })),
  );
  const [first, last] = [databaseSizes[0]!, databaseSizes.at(-1)!];
  const errors = printed
    .join("\n")
    .split("\n")
    .filter((line) => /"level":(50|60)/.test(line));
  const unexpected = [...answers.unexpected].map(([what, times]) => `${times} × ${what}`);
  console.log(`watched for ${round(last.minute - first.minute)} of ${minutes} minutes; ${os.cpus().length} cores`);
  console.log(`answers as expected: ${answers.expected}; not as expected: ${unexpected.join(", ") || 0}`);
  console.log(`  during the two restarts: ${answers.duringRestarts}`);
  const pulls = pullsSeen();
  console.log(`pulls: ${pulls.all}; not as expected: ${pulls.other.join(", ") || 0}`);
  console.log(`database: ${round(first.megabytes)} MB at first, ${round(last.megabytes)} MB at last`);
  console.log(`zombies: ${zombies.size}; processes left after the stop: ${left.length}; exit code ${stoppedWith}`);
  for (const failed of failedLooks) console.log(`✗ ${failed}`);
  console.log(`errors in the log: ${errors.length}`);
  for (const line of errors.slice(0, 10)) console.log(`  ${line.slice(0, 400)}`);
  const growing = trends.filter(({ name, processes, handles, ...trend }) => {
    const more =
      name === "postgres"
        ? trend.processesMore > processes * MOST_OF_POSTGRES_MORE ||
          trend.handlesMore > handles * processes * MOST_OF_POSTGRES_MORE
        : trend.handlesMore > MOST_HANDLES_MORE || trend.handlesPerMinute >= MOST_HANDLES_PER_MINUTE;
    return more || !(trend.megabytesPerMinute < MOST_MB_PER_MINUTE);
  });
  for (const { name } of growing) console.log(`✗ ${name} grows`);
  const wrong =
    growing.length +
    unexpected.length +
    pulls.other.length +
    errors.length +
    failedLooks.length +
    zombies.size +
    left.length;
  const sound = wrong === 0 && stoppedWith === 0;
  console.log(sound ? "✓ nothing grows, nothing breaks" : "✗ see above");
  return sound;
}

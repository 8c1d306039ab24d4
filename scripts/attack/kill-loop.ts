import { randomInt } from "node:crypto";
import { mkdtempSync } from "node:fs";
import path from "node:path";
import type { Latchkey } from "../start-latchkey";
import { makeVictim, testStored, type Arena } from "./arena";
import { ask, type Answer, type Question } from "./ask";
import { auditChain } from "./audit-chain";
import { mark } from "./marks";
import { childOf, postgresTree, signalAll, tree, until } from "./processes";

/** What a repository may be found as: there is none, it has no credential, or one of this version with this secret. */
type State = "no repository" | "no credential" | { version: number; password: string };

interface Written {
  name: string;
  id: string;
  /** What was acknowledged last. */
  acknowledged: State;
  /** What the write that was not answered would have made of it. */
  possible: State | null;
}

type Ground = Pick<Arena, "gitHost" | "startOther" | "folder">;

interface KillLoopResult {
  /** What is wrong, in a sentence each. */
  faults: string[];
  acknowledged: number;
  lost: number;
  longestRecoveryMs: number;
}

type Victim = "everything" | "web" | "launcher" | "database";
/** Every second time the database alone, which comes back by itself: most of the time goes into starting the others. */
const VICTIMS: readonly Victim[] = [
  ...(["everything", "database", "web", "database"] as const),
  ...(["everything", "database", "launcher", "database"] as const),
];
/** At most so many installations are killed side by side, each in every so many rounds, two in a row. */
const INSTALLATIONS = 3;
/** With fewer rounds than these another installation takes longer to start than it saves. */
const ROUNDS_OF_ONE = 20;
const WRITERS = 4;

/**
 * Writes through the API, kills processes with SIGKILL in the midst of it, starts again and compares what is there with
 * what was acknowledged; so many times.
 */
export async function killLoop(ground: Ground, kills: number): Promise<KillLoopResult> {
  const rounds = Array.from({ length: kills }, (_, round) => round);
  const side = Math.min(INSTALLATIONS, Math.ceil(kills / ROUNDS_OF_ONE));
  const results = await Promise.all(
    Array.from({ length: side }, (_, own) =>
      killOne(
        ground,
        rounds.filter((round) => Math.floor(round / 2) % side === own),
      ),
    ),
  );
  const sum = (of: (result: KillLoopResult) => number) => results.reduce((total, result) => total + of(result), 0);
  return {
    faults: results.flatMap(({ faults }) => faults),
    acknowledged: sum(({ acknowledged }) => acknowledged),
    lost: sum(({ lost }) => lost),
    longestRecoveryMs: Math.max(...results.map(({ longestRecoveryMs }) => longestRecoveryMs)),
  };
}

async function killOne({ gitHost, startOther, folder }: Ground, rounds: readonly number[]): Promise<KillLoopResult> {
  const own = { LATCHKEY_DATA_DIR: mkdtempSync(path.join(folder, "killed-")) };
  const result: KillLoopResult = { faults: [], acknowledged: 0, lost: 0, longestRecoveryMs: 0 };
  let latchkey = await startOther(own);
  const victim = await makeVictim(latchkey.db);
  const earlier: Written[] = [];
  const judge = async (round: string, written: readonly Written[]) => {
    const wrong = await compare(latchkey, gitHost, victim.token, written);
    result.lost += wrong.length;
    const chain = await auditChain(latchkey.db, victim.id);
    if (chain !== "holds") wrong.push(`the audit chain ${chain}`);
    result.faults.push(...wrong.map((fault) => `${round}: ${fault}`));
  };
  try {
    for (const round of rounds) {
      const written: Written[] = [];
      const killed = VICTIMS[round % VICTIMS.length]!;
      const write = (question: Question, repo: string) =>
        victim.key.token({ repo }).then((token) => ask(latchkey.url, { ...question, token }));
      const loop = { prefix: `r${round}`, host: gitHost.host, write, kill: () => kill(latchkey, killed) };
      const { acknowledged, refused, killedAt } = await writeUntilKilled(written, loop);
      result.acknowledged += acknowledged;
      result.faults.push(...refused);
      if (killed !== "database") {
        await latchkey.stop();
        latchkey = await startOther(own);
      }
      const failed = await writeAgain(latchkey, written, loop);
      result.acknowledged += 1;
      // A database that was killed a moment ago may say that it is ready before it has noticed.
      if (failed > 0 && killed !== "database")
        result.faults.push(`r${round}: ${failed} writes failed when it was ready`);
      result.longestRecoveryMs = Math.max(result.longestRecoveryMs, performance.now() - killedAt);
      await judge(`round ${round}`, written);
      earlier.push(...written);
    }
    await judge("at the end", earlier);
  } finally {
    await latchkey.stop();
  }
  return result;
}

interface Loop {
  prefix: string;
  host: string;
  write: (question: Question, repo: string) => Promise<Answer>;
  kill: () => void;
}

/** Notes in `written` what is written, kills after some of it and returns once nothing is answered any more. */
async function writeUntilKilled(
  written: Written[],
  { prefix, host, write, kill }: Loop,
): Promise<{ acknowledged: number; refused: string[]; killedAt: number }> {
  const refused: string[] = [];
  const enough = randomInt(5, 60);
  let [acknowledged, killedAt] = [0, 0];
  const life = async (entry: Written, remove: boolean) => {
    written.push(entry);
    for (const { question, makes } of writesOf(entry, host, remove)) {
      entry.possible = makes;
      const answer = await write(question(), entry.name).catch(() => undefined);
      if (!answer || answer.status >= 500) return;
      if (answer.status >= 400) return void refused.push(`${entry.name}: ${answer.status} ${answer.text}`);
      entry.id ||= idOf(answer.text);
      entry.acknowledged = makes;
      entry.possible = null;
      acknowledged += 1;
      if (acknowledged >= enough && !killedAt) {
        killedAt = performance.now();
        kill();
      }
    }
  };
  const giveUp = Date.now() + 180_000;
  const writer = async (number: number) => {
    for (let turn = 0; !killedAt; turn += 1) {
      const name = `${prefix}-${number}-${turn}`;
      await life({ name, id: "", acknowledged: "no repository", possible: null }, turn % 3 === 2);
      if (Date.now() > giveUp) throw new Error(`${prefix}: only ${acknowledged} writes were acknowledged`);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, number) => writer(number)));
  return { acknowledged, refused, killedAt };
}

/** Once it says that it is ready, writes until something is acknowledged; answers how often that failed. */
async function writeAgain({ url }: Latchkey, written: Written[], { prefix, host, write }: Loop): Promise<number> {
  await until("ready again", async () => (await ask(url, { path: "/api/ready" })).status === 200);
  let failed = 0;
  await until("a write is acknowledged", async () => {
    const entry: Written = { name: `${prefix}-after-${failed}`, id: "", acknowledged: "no repository", possible: null };
    written.push(entry);
    const { makes, question } = writesOf(entry, host, false)[0]!;
    entry.possible = makes;
    const answer = await write(question(), entry.name).catch(() => undefined);
    if (answer?.status === 201) Object.assign(entry, { acknowledged: makes, possible: null });
    else failed += 1;
    return answer?.status === 201;
  });
  return failed;
}

function kill({ pid, dataDir }: Latchkey, victim: Victim): void {
  const victims = {
    everything: () => [...postgresTree(dataDir), ...tree(pid)],
    web: () => [childOf(pid, "scripts/web.ts")],
    launcher: () => [pid],
    // All but its first process, which then recovers and goes on.
    database: () => postgresTree(dataDir).slice(1),
  };
  signalAll(victims[victim](), "SIGKILL");
}

/** A repository's life: made, given a credential, rotated twice, and with `remove` the credential is removed. */
function writesOf(entry: Written, host: string, remove: boolean) {
  const passwords = Array.from({ length: 3 }, () => mark("killed"));
  const path_ = "/api/v1/repos/git-credentials";
  const base_repo = { provider: "gitea", owner: "acme", name: "app", upstream_host: host };
  const secretOf = (password: string) => ({ username: "git", password });
  return [
    {
      makes: "no credential" as State,
      question: () => ({ method: "POST", path: "/api/v1/repos", body: { base_repo } }),
    },
    ...passwords.map((password, index) => ({
      makes: { version: index + 1, password },
      question: () => ({
        method: index === 0 ? "POST" : "PUT",
        path: path_,
        body: { ...(index === 0 ? { repo_id: entry.name } : { id: entry.id }), ...secretOf(password) },
      }),
    })),
    ...(remove
      ? [
          {
            makes: "no credential" as State,
            question: () => ({ method: "DELETE", path: path_, body: { id: entry.id } }),
          },
        ]
      : []),
  ];
}

function idOf(text: string): string {
  const { id = "" } = text === "" ? {} : (JSON.parse(text) as { id?: string });
  return id;
}

/** Reads each repository from outside; a secret is read by having it tested on the host. */
async function compare(
  { url }: Latchkey,
  gitHost: Ground["gitHost"],
  token: string,
  written: readonly Written[],
): Promise<string[]> {
  const faults: string[] = [];
  for (const [index, { name, acknowledged, possible }] of written.entries()) {
    const read = () => ask(url, { path: `/api/repos/${name}/git-credentials`, token });
    let answer = await read();
    // A database that was killed a moment ago may answer once more before it notices.
    await until(`${name} is read`, async () => answer.status < 500 || (answer = await read()).status < 500);
    const [found] =
      answer.status === 200
        ? (JSON.parse(answer.text) as { credentials: { id: string; version: number }[] }).credentials
        : [];
    const seen = answer.status === 404 ? "no repository" : found ? `version ${found.version}` : "no credential";
    const wanted = [acknowledged, ...(possible === null ? [] : [possible])];
    const state = wanted.find((each) => seen === (typeof each === "string" ? each : `version ${each.version}`));
    if (!state) faults.push(`${name} is at "${seen}", acknowledged was ${JSON.stringify(acknowledged)}`);
    // Opening the last ones is proof enough that what is there is whole, and keeps two hundred rounds short.
    else if (found && typeof state !== "string" && index >= written.length - WRITERS) {
      gitHost.tokens.set(state.password, "write");
      const tested = await testStored(url, token, { repo: name, id: found.id });
      if (!tested.text.includes("reads_and_writes")) faults.push(`${name}: the secret is another one: ${tested.text}`);
    }
  }
  return faults;
}

import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import path from "node:path";
import { mirrorFolder } from "@/lib/domain/upstream/mirror";
import { makeRepository } from "@/prisma/factories";
import type { Latchkey } from "../start-latchkey";
import { makeVictim, storeCredential, type Arena } from "./arena";
import type { Attack } from "./attack";
import { ask, summary, type Answer, type Question } from "./ask";
import { auditChain } from "./audit-chain";
import { mark } from "./marks";
import { until } from "./processes";

const AT_ONCE = 8;
const SECRETS = "/api/v1/repos/git-credentials";

/** How a pull may end that meets a change of its credential. */
const ENDED = "succeeded|needs_credential|stopped";

/** Every two of create, rotate, remove, delete and pull at once, and more, by one server process and by two on one database. */
export async function concurrency(arena: Arena): Promise<{ attacks: Attack[]; stop: () => Promise<unknown> }> {
  const { latchkey, startOther, folder } = arena;
  const second = await startOther({
    DATABASE_URL: latchkey.databaseUrl,
    LATCHKEY_DATA_DIR: mkdtempSync(path.join(folder, "second-")),
    LATCHKEY_MASTER_KEYS: readFileSync(path.join(latchkey.dataDir, "master-keys"), "utf8").trim(),
  });
  const both = [latchkey, second];
  const one = await pairs(arena, "one process", both.slice(0, 1), both);
  const two = await pairs(arena, "two processes", both, both);
  return { attacks: [...one, ...two], stop: () => second.stop() };
}

/** `asked` are sent the requests; `all` of them pull. */
async function pairs(
  arena: Arena,
  where: string,
  asked: readonly Latchkey[],
  all: readonly Latchkey[],
): Promise<Attack[]> {
  const { db, gitHost } = arena;
  const victim = await makeVictim(db);
  const { token } = victim;
  let count = 0;
  const name = () => `${where.replace(" ", "-")}-${++count}`;
  const upstream = { provider: "gitea" as const, host: gitHost.host, owner: "acme", name: "app" };
  const passwords: string[] = [];
  const password = () => {
    const made = mark("changed at once");
    passwords.push(made);
    gitHost.tokens.set(made, "write");
    return made;
  };
  const fresh = () => storeCredential(arena, victim, { name: name(), host: gitHost.host, password: password() });
  const bare = async () => ({ repo: (await makeRepository(db, victim, name(), upstream)).id, id: "" });
  const times = (question: (index: number) => Question) =>
    Array.from({ length: AT_ONCE }, (_, index) => question(index));
  /** Sends everything at once, one of each kind after the other and in turn to each process. */
  const sent = async (kinds: readonly (readonly Question[])[]): Promise<Answer[][]> => {
    const answers = kinds[0]!.flatMap((_, index) =>
      kinds.map((questions, kind) =>
        ask(asked[(index * kinds.length + kind) % asked.length]!.url, { token, ...questions[index]! }),
      ),
    );
    const got = await Promise.all(answers);
    return kinds.map((_, kind) => got.filter((_answer, index) => index % kinds.length === kind));
  };
  /** Counts the answers: `1× 201, 11× 409 credential_exists`. */
  const counted = (answers: readonly Answer[]) => {
    const counts = new Map<string, number>();
    for (const said of answers.map(summary)) counts.set(said, (counts.get(said) ?? 0) + 1);
    return [...counts]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([said, amount]) => `${amount}× ${said}`)
      .join(", ");
  };
  /** What each kind of request was answered, in their order. */
  const atOnce = async (kinds: Record<string, readonly Question[]>) => {
    const answers = await sent(Object.values(kinds));
    return Object.keys(kinds)
      .map((kind, index) => `${kind}: ${counted(answers[index]!)}`)
      .join("; ");
  };
  const create = (repo: string): Question => ({
    method: "POST",
    path: SECRETS,
    body: { repo_id: repo, username: "git", password: password() },
  });
  const rotate = (id: string, headers?: Question["headers"]): Question => ({
    method: "PUT",
    path: SECRETS,
    headers,
    body: { id, username: "git", password: password() },
  });
  const remove = (id: string): Question => ({ method: "DELETE", path: SECRETS, body: { id } });
  const erase = (repo: string): Question => ({ method: "DELETE", path: `/api/repos/${repo}` });
  const detach = (repo: string): Question => ({ method: "DELETE", path: `/api/repos/${repo}/base` });
  /** What is asked for while it waits is one pull; another branch is another one. */
  const pull = (repo: string, ref?: string): Question => ({
    method: "POST",
    path: `/api/repos/${repo}/pull-upstream`,
    body: { ref },
  });
  const test = (repo: string, id: string): Question => ({
    method: "POST",
    path: `/api/repos/${repo}/git-credentials/${id}/test`,
  });

  /** What the database is left with: rows that belong together, a recorded event for every change, a whole chain. */
  const left = async (repo: string) => {
    const credential = await db.gitCredential.findUnique({
      where: { repositoryId: repo },
      include: { secrets: { select: { version: true } } },
    });
    const wanted =
      credential &&
      [credential.currentVersion, credential.previousVersion, credential.pendingVersion].filter(
        (version) => version !== null,
      );
    const orphaned = await db.$queryRaw<
      unknown[]
    >`SELECT 1 FROM credential_secret s LEFT JOIN git_credential c ON c.id = s.credential_id WHERE c.id IS NULL`;
    const versions = credential?.secrets.map(({ version }) => version).sort();
    const whole =
      orphaned.length === 0 && (!credential || JSON.stringify(versions) === JSON.stringify([...wanted!].sort()));
    const events = await db.auditEvent.findMany({
      where: { repositoryId: repo },
      select: { action: true, payload: true },
    });
    const created = events.filter(({ action }) => action === "credential.created").length;
    const erased = events.filter(
      ({ action, payload }) => action === "credential.removed" || payload.includes('"credential_removed":true'),
    ).length;
    const recorded = created - erased === (credential ? 1 : 0);
    const chain = await auditChain(db, victim.id);
    const state = credential ? `version ${credential.currentVersion}` : "none";
    return `${state}, ${whole ? "whole" : "in parts"}, ${recorded ? "recorded" : "not recorded"}, chain ${chain}`;
  };
  /** Waits for every job of the repository, and says how its pulls ended and whether two of them ran at once. */
  const pulls = async (repo: string) => {
    const jobs = () =>
      db.$queryRaw<unknown[]>`SELECT 1 FROM graphile_worker._private_jobs WHERE payload::text LIKE ${`%${repo}%`}`;
    await until("the repository's jobs end", async () => (await jobs()).length === 0);
    const runs = await db.syncRun.findMany({ where: { repositoryId: repo }, orderBy: { number: "asc" } });
    const overlap = runs.some((run, index) => index > 0 && run.startedAt < runs[index - 1]!.finishedAt!);
    const outcomes = [...new Set(runs.map(({ outcome }) => outcome ?? "open"))].sort().join(" and ");
    return `${runs.length} pulls: ${outcomes || "none"}${overlap ? ", some at once" : ""}`;
  };
  const deleted: string[] = [];
  const mirrorsOf = (repo: string) =>
    all.filter(({ dataDir }) => existsSync(mirrorFolder(path.join(dataDir, "mirrors"), repo)));
  const pair = (what: string, expected: RegExp, attempt: () => Promise<string>): Attack => ({
    name: `${what}, by ${where}`,
    expected,
    writes: true,
    attempt,
  });
  const n = AT_ONCE;
  const sound = "whole, recorded, chain holds";
  /** Each of these at most once, in this order, and nothing else; all of a kind's answers are counted. */
  const only = (...said: string[]) => `(?:(?:${said.map((each) => each.replace("k", "\\d+")).join("|")})(?:, |(?=;)))+`;
  const once = (status: string, others: string) => `1× ${status}, ${n - 1}× ${others}`;
  const exactly = (...ways: string[]) => new RegExp(`^(?:${ways.join("|")})$`);
  const [exists, missing, gone] = ["409 credential_exists", "404 not_found", "409 repository_deleted"];
  const someEnded = `\\d+ pulls: (?:${ENDED})(?: and (?:${ENDED}))*`;
  return [
    pair("create and create", exactly(`create: ${once("201", exists)}; version 1, ${sound}`), async () => {
      const { repo } = await bare();
      return `${await atOnce({ create: times(() => create(repo)) })}; ${await left(repo)}`;
    }),
    pair(
      "create and rotate",
      exactly(`create: ${n}× ${exists}; rotate: ${n}× 200; version ${n + 1}, ${sound}`),
      async () => {
        const { repo, id } = await fresh();
        const kinds = { create: times(() => create(repo)), rotate: times(() => rotate(id)) };
        return `${await atOnce(kinds)}; ${await left(repo)}`;
      },
    ),
    pair(
      "create and remove",
      exactly(
        `create: ${once("201", exists)}; remove: ${once("204", missing)}; version 1, ${sound}`,
        `create: ${n}× ${exists}; remove: ${once("204", missing)}; none, ${sound}`,
      ),
      async () => {
        const { repo, id } = await fresh();
        const kinds = { create: times(() => create(repo)), remove: times(() => remove(id)) };
        return `${await atOnce(kinds)}; ${await left(repo)}`;
      },
    ),
    pair(
      "create and delete the repository",
      exactly(
        `create: ${n}× ${missing}; delete: ${once("200", gone)}; none, ${sound}`,
        `create: 1× 201, ${only(`k× ${missing}`, `k× ${exists}`)}; delete: ${once("200", gone)}; none, ${sound}`,
      ),
      async () => {
        const { repo } = await bare();
        const kinds = { create: times(() => create(repo)), delete: times(() => erase(repo)) };
        return `${await atOnce(kinds)}; ${await left(repo)}`;
      },
    ),
    pair(
      "create and pull",
      exactly(
        `create: ${once("201", exists)}; pull: ${n}× 202; \\d+ pulls: (?:needs_credential and )?succeeded; version 1, ${sound}`,
      ),
      async () => {
        const { repo } = await bare();
        const said = await atOnce({ create: times(() => create(repo)), pull: times(() => pull(repo)) });
        // Which came first is not said; this one comes after both.
        await ask(asked[0]!.url, { token, ...pull(repo) });
        return `${said}; ${await pulls(repo)}; ${await left(repo)}`;
      },
    ),
    pair("rotate and rotate", exactly(`rotate: ${n}× 200; version ${n + 1}, ${sound}`), async () => {
      const { repo, id } = await fresh();
      return `${await atOnce({ rotate: times(() => rotate(id)) })}; ${await left(repo)}`;
    }),
    pair(
      "rotate and rotate, each for version 1",
      exactly(`rotate: ${once("200", "412 version_mismatch")}; version 2, ${sound}`),
      async () => {
        const { repo, id } = await fresh();
        return `${await atOnce({ rotate: times(() => rotate(id, { "if-match": '"1"' })) })}; ${await left(repo)}`;
      },
    ),
    pair(
      "rotate and remove",
      exactly(`rotate: ${only("k× 200", `k× ${missing}`)}; remove: ${once("204", missing)}; none, ${sound}`),
      async () => {
        const { repo, id } = await fresh();
        const kinds = { rotate: times(() => rotate(id)), remove: times(() => remove(id)) };
        return `${await atOnce(kinds)}; ${await left(repo)}`;
      },
    ),
    pair(
      "rotate and delete the repository",
      exactly(`rotate: ${only("k× 200", `k× ${missing}`)}; delete: ${once("200", gone)}; none, ${sound}`),
      async () => {
        const { repo, id } = await fresh();
        const kinds = { rotate: times(() => rotate(id)), delete: times(() => erase(repo)) };
        return `${await atOnce(kinds)}; ${await left(repo)}`;
      },
    ),
    pair(
      "rotate and pull",
      exactly(`rotate: ${n}× 200; pull: ${n}× 202; \\d+ pulls: succeeded; version ${n + 1}, ${sound}`),
      async () => {
        const { repo, id } = await fresh();
        const said = await atOnce({ rotate: times(() => rotate(id)), pull: times(() => pull(repo)) });
        return `${said}; ${await pulls(repo)}; ${await left(repo)}`;
      },
    ),
    pair("remove and remove", exactly(`remove: ${once("204", missing)}; none, ${sound}`), async () => {
      const { repo, id } = await fresh();
      return `${await atOnce({ remove: times(() => remove(id)) })}; ${await left(repo)}`;
    }),
    pair(
      "remove and delete the repository",
      exactly(`remove: (?:${once("204", missing)}|${n}× ${missing}); delete: ${once("200", gone)}; none, ${sound}`),
      async () => {
        const { repo, id } = await fresh();
        const kinds = { remove: times(() => remove(id)), delete: times(() => erase(repo)) };
        return `${await atOnce(kinds)}; ${await left(repo)}`;
      },
    ),
    pair(
      "remove and pull",
      exactly(`remove: ${once("204", missing)}; pull: ${n}× 202; ${someEnded}; none, ${sound}`),
      async () => {
        const { repo, id } = await fresh();
        const said = await atOnce({ remove: times(() => remove(id)), pull: times(() => pull(repo)) });
        return `${said}; ${await pulls(repo)}; ${await left(repo)}`;
      },
    ),
    pair("delete a repository and delete it", exactly(`delete: ${once("200", gone)}; none, ${sound}`), async () => {
      const { repo } = await fresh();
      return `${await atOnce({ delete: times(() => erase(repo)) })}; ${await left(repo)}`;
    }),
    pair(
      "delete a repository and pull it",
      exactly(
        `delete: ${once("200", gone)}; pull: ${only("k× 202", `k× ${missing}`)}; (?:0 pulls: none|${someEnded}); none, ${sound}`,
      ),
      async () => {
        const { repo } = await fresh();
        await ask(asked[0]!.url, { token, ...pull(repo) });
        await until("it is pulled", () => mirrorsOf(repo).length > 0);
        const said = await atOnce({ delete: times(() => erase(repo)), pull: times(() => pull(repo)) });
        deleted.push(repo);
        return `${said}; ${await pulls(repo)}; ${await left(repo)}`;
      },
    ),
    pair("pull and pull are one after the other", exactly(`pull: ${n}× 202; [3-9] pulls: succeeded`), async () => {
      const { repo } = await fresh();
      const refs = [undefined, "main", "refs/heads/main"];
      return `${await atOnce({ pull: times((index) => pull(repo, refs[index % refs.length])) })}; ${await pulls(repo)}`;
    }),
    pair("create a repository and create it", exactly(`create: ${once("201", "409 repository_exists")}`), async () => {
      const as = await victim.key.token({ repo: name() });
      return atOnce({ create: times(() => ({ method: "POST", path: "/api/v1/repos", token: as, body: {} })) });
    }),
    pair(
      "detach and create a credential",
      exactly(
        `detach: ${n}× 200; create: ${only("k× 400 no_upstream", `k× ${missing}`)}; none, ${sound}`,
        `detach: ${n}× 200; create: 1× 201, ${only("k× 400 no_upstream", `k× ${missing}`, `k× ${exists}`)}; none, ${sound}`,
      ),
      async () => {
        const { repo } = await bare();
        const kinds = { detach: times(() => detach(repo)), create: times(() => create(repo)) };
        return `${await atOnce(kinds)}; ${await left(repo)}`;
      },
    ),
    pair(
      "test and rotate",
      exactly(`test: (?:\\d+× 200(?:, \\d+× 503 busy)?|${n}× 503 busy); rotate: ${n}× 200; version ${n + 1}, ${sound}`),
      async () => {
        const { repo, id } = await fresh();
        const kinds = { test: times(() => test(repo, id)), rotate: times(() => rotate(id)) };
        return `${await atOnce(kinds)}; ${await left(repo)}`;
      },
    ),
    pair("read while everything is rotated", /^each read is one of the versions, and no secret$/, async () => {
      const { repo, id } = await fresh();
      const read = { path: `/api/repos/${repo}/git-credentials/${id}` };
      const [, reads] = await sent([times(() => rotate(id)), times(() => read)]);
      const odd = reads!.find(({ status, text }) => {
        const { version } = JSON.parse(text) as { version?: number };
        const known = version !== undefined && version >= 1 && version <= n + 1;
        return status !== 200 || !known || passwords.some((each) => text.includes(each));
      });
      return odd ? `${odd.status} ${odd.text}` : "each read is one of the versions, and no secret";
    }),
    pair("no mirror of a repository that was deleted is left anywhere", /^none is left$/, async () => {
      await until("the last of them is removed", () => deleted.every((repo) => mirrorsOf(repo).length === 0));
      return deleted.length > 0 ? "none is left" : "nothing was deleted";
    }),
  ];
}

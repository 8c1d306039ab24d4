import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";
import path from "node:path";
import { makeRepository } from "@/prisma/factories";
import { startLatchkey } from "../start-latchkey";
import { makeVictim, storeCredential, type Arena } from "./arena";
import type { Attack } from "./attack";
import { ask, summary, type Question } from "./ask";
import { auditChain } from "./audit-chain";
import { until } from "./processes";

const AT_ONCE = 12;
const SECRETS = "/api/v1/repos/git-credentials";

/** The same things done at once, in pairs, by one server process and by two on one database. */
export async function concurrency(arena: Arena): Promise<{ attacks: Attack[]; stop: () => Promise<unknown> }> {
  const { latchkey, variables, folder } = arena;
  const second = await startLatchkey({
    ...variables,
    DATABASE_URL: latchkey.databaseUrl,
    LATCHKEY_DATA_DIR: mkdtempSync(path.join(folder, "second-")),
    LATCHKEY_MASTER_KEYS: readFileSync(path.join(latchkey.dataDir, "master-keys"), "utf8").trim(),
  });
  const one = await pairs(arena, "one process", [latchkey.url]);
  const two = await pairs(arena, "two processes", [latchkey.url, second.url]);
  return { attacks: [...one, ...two], stop: () => second.stop() };
}

async function pairs(arena: Arena, where: string, urls: readonly string[]): Promise<Attack[]> {
  const { db, gitHost, url } = arena;
  const victim = await makeVictim(db);
  const { token } = victim;
  let count = 0;
  const name = () => `${where.replace(" ", "-")}-${++count}`;
  const upstream = { provider: "gitea" as const, host: gitHost.host, owner: "acme", name: "app" };
  const password = () => {
    const made = randomBytes(12).toString("hex");
    gitHost.tokens.set(made, "write");
    return made;
  };
  const fresh = () => storeCredential(arena, victim, { name: name(), host: gitHost.host, password: password() });
  /** Sends everything at once, in turn to each process, and counts the answers: `1× 201, 11× 409 credential_exists`. */
  const atOnce = async (questions: readonly Question[]) => {
    const answers = await Promise.all(
      questions.map((question, index) => ask(urls[index % urls.length]!, { token, ...question })),
    );
    const counts = new Map<string, number>();
    for (const said of answers.map(summary)) counts.set(said, (counts.get(said) ?? 0) + 1);
    return [...counts]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([said, times]) => `${times}× ${said}`)
      .join(", ");
  };
  const times = (question: (index: number) => Question, amount = AT_ONCE) =>
    Array.from({ length: amount }, (_, index) => question(index));
  const mixed = (...lists: (readonly Question[])[]) =>
    lists[0]!.flatMap((_, index) => lists.map((list) => list[index]!));
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
  const pull = (repo: string): Question => ({ method: "POST", path: `/api/repos/${repo}/pull-upstream`, body: {} });
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
    const events = await db.auditEvent.findMany({ where: { repositoryId: repo }, select: { action: true } });
    const of = (action: string) => events.filter((event) => event.action === action).length;
    const balance = of("credential.created") - of("credential.removed");
    const gone = of("repository.deleted") + of("repository.detached") > 0;
    const recorded = gone || balance === (credential ? 1 : 0);
    const chain = await auditChain(db, victim.id);
    const state = credential ? "a credential" : "none";
    return `${state}, ${whole ? "whole" : "in parts"}, ${recorded ? "recorded" : "not recorded"}, chain ${chain}`;
  };
  const pair = (what: string, expected: RegExp, attempt: () => Promise<string>): Attack => ({
    name: `${what}, by ${where}`,
    expected,
    writes: true,
    attempt,
  });
  const sound = "whole, recorded, chain holds$";
  const n = AT_ONCE;
  return [
    pair(
      "create and create",
      new RegExp(`^1× 201, ${n - 1}× 409 credential_exists; a credential, ${sound}`),
      async () => {
        const { id } = await makeRepository(db, victim, name(), upstream);
        return `${await atOnce(times(() => create(id)))}; ${await left(id)}`;
      },
    ),
    pair("rotate and rotate", new RegExp(`^${n}× 200; version ${n + 1}, a credential, ${sound}`), async () => {
      const { repo, id } = await fresh();
      const said = await atOnce(times(() => rotate(id)));
      const { currentVersion } = await db.gitCredential.findUniqueOrThrow({ where: { id } });
      return `${said}; version ${currentVersion}, ${await left(repo)}`;
    }),
    pair(
      "rotate and rotate, each for version 1",
      new RegExp(`^1× 200, ${n - 1}× 412 version_mismatch; a credential, ${sound}`),
      async () => {
        const { repo, id } = await fresh();
        return `${await atOnce(times(() => rotate(id, { "if-match": '"1"' })))}; ${await left(repo)}`;
      },
    ),
    pair("remove and remove", new RegExp(`^1× 204, ${n - 1}× 404 not_found; none, ${sound}`), async () => {
      const { repo, id } = await fresh();
      return `${await atOnce(times(() => remove(id)))}; ${await left(repo)}`;
    }),
    pair("rotate and remove", new RegExp(`^(\\d+× 200, )?1× 204, \\d+× 404 not_found; none, ${sound}`), async () => {
      const { repo, id } = await fresh();
      return `${await atOnce(
        mixed(
          times(() => rotate(id)),
          times(() => remove(id)),
        ),
      )}; ${await left(repo)}`;
    }),
    pair(
      "create and remove",
      new RegExp(
        `^\\d+× 201, \\d+× 204, (\\d+× 404 not_found, )?\\d+× 409 credential_exists; (a credential|none), ${sound}|^\\d+× 201, 1× 204, \\d+× 404 not_found, \\d+× 409`,
      ),
      async () => {
        const { repo, id } = await fresh();
        return `${await atOnce(
          mixed(
            times(() => create(repo)),
            times(() => remove(id)),
          ),
        )}; ${await left(repo)}`;
      },
    ),
    pair("create a repository and create it", new RegExp(`^1× 201, ${n - 1}× 409 repository_exists$`), async () => {
      const as = await victim.key.token({ repo: name() });
      return atOnce(times(() => ({ method: "POST", path: "/api/v1/repos", token: as, body: {} })));
    }),
    pair(
      "delete a repository and delete it",
      new RegExp(`^1× 200, ${n - 1}× 409 repository_deleted; none, ${sound}`),
      async () => {
        const { repo } = await fresh();
        return `${await atOnce(times(() => erase(repo)))}; ${await left(repo)}`;
      },
    ),
    pair(
      "delete a repository and create its credential",
      new RegExp(`^1× 200, (\\d+× 201, )?(\\d+× 404 not_found, )?(\\d+× 409 \\w+(, )?)*; none, ${sound}`),
      async () => {
        const { id } = await makeRepository(db, victim, name(), upstream);
        return `${await atOnce(
          mixed(
            times(() => create(id)),
            times(() => erase(id)),
          ),
        )}; ${await left(id)}`;
      },
    ),
    pair(
      "detach and create a credential",
      new RegExp(`^\\d+× 200(, \\d+× (201|400 no_upstream|404 not_found|409 credential_exists))+; none, ${sound}`),
      async () => {
        const { id } = await makeRepository(db, victim, name(), upstream);
        return `${await atOnce(
          mixed(
            times(() => create(id)),
            times(() => detach(id)),
          ),
        )}; ${await left(id)}`;
      },
    ),
    pair(
      "rotate and delete the repository",
      new RegExp(`^\\d+× 200(, \\d+× (404 not_found|409 repository_deleted))+; none, ${sound}`),
      async () => {
        const { repo, id } = await fresh();
        return `${await atOnce(
          mixed(
            times(() => rotate(id)),
            times(() => erase(repo)),
          ),
        )}; ${await left(repo)}`;
      },
    ),
    pair("test and rotate", new RegExp(`^\\d+× 200(, \\d+× 503 busy)?; a credential, ${sound}`), async () => {
      const { repo, id } = await fresh();
      return `${await atOnce(
        mixed(
          times(() => test(repo, id), 4),
          times(() => rotate(id), 4),
        ),
      )}; ${await left(repo)}`;
    }),
    pair("pull and pull are one after the other", /^12× 202; [1-9]\d* pulls, none at once with another$/, async () => {
      const { repo } = await fresh();
      const said = await atOnce(times(() => pull(repo)));
      const jobs = () =>
        db.$queryRaw<unknown[]>`SELECT 1 FROM graphile_worker._private_jobs WHERE payload::text LIKE ${`%${repo}%`}`;
      await until("the pulls end", async () => (await jobs()).length === 0);
      const runs = await db.syncRun.findMany({ where: { repositoryId: repo }, orderBy: { startedAt: "asc" } });
      const overlap = runs.some((run, index) => index > 0 && run.startedAt < runs[index - 1]!.finishedAt!);
      return `${said}; ${runs.length} pulls, ${overlap ? "some at once" : "none at once with another"}`;
    }),
    pair("pull and remove", new RegExp(`^\\d+× 202, 1× 204, \\d+× 404 not_found; none, ${sound}`), async () => {
      const { repo, id } = await fresh();
      return `${await atOnce(
        mixed(
          times(() => pull(repo), 4),
          times(() => remove(id), 4),
        ),
      )}; ${await left(repo)}`;
    }),
    pair(
      "pull and delete the repository: no mirror is left behind",
      /^1× 200(, \d+× (202|404 not_found|409 repository_deleted))+; no open run$/,
      async () => {
        const { repo } = await fresh();
        const said = await atOnce(
          mixed(
            times(() => pull(repo), 4),
            times(() => erase(repo), 4),
          ),
        );
        const open = () => db.syncRun.count({ where: { repositoryId: repo, finishedAt: null } });
        await until("every run has ended", async () => (await open()) === 0);
        return `${said}; no open run`;
      },
    ),
    pair("read while everything is rotated", new RegExp(`^${2 * n}× 200; never more than was asked for$`), async () => {
      const { repo, id } = await fresh();
      const said = await atOnce(
        mixed(
          times(() => rotate(id)),
          times(() => ({ path: `/api/repos/${repo}/git-credentials/${id}` })),
        ),
      );
      const { text } = await ask(url, { path: `/api/repos/${repo}/git-credentials/${id}`, token });
      return `${said}; ${text.includes("password") ? text : "never more than was asked for"}`;
    }),
  ];
}

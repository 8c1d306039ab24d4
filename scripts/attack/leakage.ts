import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { makeRepository } from "@/prisma/factories";
import { databaseLog } from "../start-latchkey";
import { signedInMember } from "../signed-in-member";
import { askForPull, makeVictim, storeCredential, testStored, type Arena } from "./arena";
import type { Attack } from "./attack";
import { ask, heard, summary } from "./ask";
import { submitForm } from "./forms";
import { contentOf, filesBelow, mark, marksIn, missedForms } from "./marks";
import { tree, until } from "./processes";

/** How the hostile host repeats what it was sent, and what a test and a pull may make of it. */
const ECHOES: Record<string, { test: RegExp; pull: RegExp }> = {
  "echo-body": { test: /^unreachable$/, pull: /^unreachable$/ },
  "echo-page": { test: /^not_git$/, pull: /^not_git$/ },
  "echo-challenge": { test: /^rejected$/, pull: /^rejected$/ },
  "echo-header": { test: /^scope_too_small$/, pull: /^scope_too_small$/ },
  "echo-reason": { test: /^no_access$/, pull: /^no_access$/ },
  "echo-type": { test: /^not_git$/, pull: /^not_git$/ },
  "echo-redirect": { test: /^(not_git|unreachable)$/, pull: /^not_git$/ },
  "echo-sideband": { test: /^public_unproven$/, pull: /^bad_objects$/ },
};

/** Secrets found by the searches; the figures at the end show their number. */
export let secretsFound = 0;

/** Looks for marked secrets in a place; something harmless that is there by now proves that it was searched. */
export function search(
  name: string,
  witness: string,
  contents: () => Promise<Iterable<Buffer | string>> | Iterable<Buffer | string>,
): Attack {
  return {
    name: `no secret is in ${name}`,
    expected: "the witness and no secret",
    // Nobody writes here, but what was asked for before goes on.
    writes: true,
    attempt: async () => {
      const found = new Set<string>();
      let witnessed = false;
      for (const each of await contents()) {
        const bytes = typeof each === "string" ? Buffer.from(each) : each;
        witnessed ||= bytes.includes(witness);
        for (const secret of marksIn(bytes)) found.add(secret);
      }
      secretsFound += found.size;
      if (!witnessed) return "not even the witness";
      return found.size === 0 ? "the witness and no secret" : [...found].join(", ");
    },
  };
}

/** Marked secrets go in by every door, and are looked for in every place that they could come out at. */
export async function leakage(arena: Arena): Promise<Attack[]> {
  const { latchkey, db, url, gitHost, hostile, authSecret } = arena;
  const victim = await makeVictim(db);
  const { email, cookie } = await signedInMember(db, victim, "owner", authSecret);
  const upstream = { provider: "gitea" as const, host: gitHost.host, owner: "acme", name: "app" };
  const secrets = "/api/v1/repos/git-credentials";
  const send = (method: string, body: object | string, query = "") =>
    ask(url, { method, path: secrets + query, token: victim.token, body });
  const taken: string[] = [];
  /** A secret that the host takes. */
  const goodMark = (name: string) => {
    const made = mark(name);
    gitHost.tokens.set(made, "write");
    return made;
  };
  const wrongForm = await makeRepository(db, victim, "by-page-wrong", upstream);
  const spare = await makeRepository(db, victim, "broken", upstream);

  /** Something goes in here. */
  const door = (name: string, expected: Attack["expected"], attempt: () => Promise<string>): Attack => ({
    name,
    expected,
    attempt,
    writes: true,
  });
  /** And this is not taken, so that no row may change. */
  const refused = (name: string, expected: Attack["expected"], attempt: () => Promise<string>): Attack => ({
    name,
    expected,
    attempt,
  });
  const stored = await storeCredential(arena, victim, {
    name: "by-api",
    host: gitHost.host,
    password: goodMark("created"),
  });
  const forms = [
    door("a form adds one", "stored", async () => {
      await makeRepository(db, victim, "by-page", upstream);
      const page = `/${victim.slug}/repos/by-page/settings/credential`;
      const fields = { username: mark("formUsername"), password: goodMark("form"), untested: "on" };
      await submitForm(url, { page, cookie, having: "password", fields });
      return (await db.gitCredential.count({ where: { repository: { name: "by-page" } } })) > 0
        ? "stored"
        : "nothing stored";
    }),
    refused("a form that is wrong is shown again, empty", "nothing stored", async () => {
      const page = `/${victim.slug}/repos/${wrongForm.name}/settings/credential`;
      const fields = { username: "a:b", password: mark("formWrong") };
      await submitForm(url, { page, cookie, having: "password", fields });
      return (await db.gitCredential.count({ where: { repositoryId: wrongForm.id } })) > 0
        ? "stored"
        : "nothing stored";
    }),
  ];
  const api = [
    door("a rotation", "200", async () => {
      const password = goodMark("rotated");
      return summary(await send("PUT", { id: stored.id, username: mark("username"), password }));
    }),
    refused("a second creation", "409 credential_exists", async () =>
      summary(await send("POST", { repo_id: stored.repo, password: mark("conflict") })),
    ),
    refused("an unknown id", "404 not_found", async () =>
      summary(await send("PUT", { id: "ggc_none", password: mark("unknown") })),
    ),
    refused("a field that is wrong", "400 invalid_request", async () =>
      summary(await send("PUT", { id: stored.id, password: `${mark("invalid")}\n` })),
    ),
    refused("JSON that is wrong", "400 invalid_json", async () =>
      summary(await send("PUT", JSON.stringify({ id: stored.id, password: mark("json") }).slice(0, -1))),
    ),
    door("a secret that the host refuses", "422 credential_refused", async () =>
      summary(await send("PUT", { id: stored.id, password: mark("refused") }, "?test=true")),
    ),
    refused("a pasted address with a secret in it", "400 invalid_request", async () => {
      const token = await victim.key.token({ repo: "pasted" });
      const host = `oauth2:${mark("pasted")}@gitlab.com`;
      const body = { base_repo: { provider: "gitlab", owner: "acme", name: "app", upstream_host: host } };
      return summary(await ask(url, { method: "POST", path: "/api/v1/repos", token, body }));
    }),
    refused("a webhook's address with a secret in it", "400 invalid_request", async () => {
      const body = {
        url: `https://x:${encodeURIComponent(mark("hookUrl"))}@git.example.com/`,
        secret: "x".repeat(20),
        events: ["repo.sync.failed"],
      };
      return summary(await ask(url, { method: "POST", path: "/api/v1/webhooks", token: victim.token, body }));
    }),
    door("a webhook's own secret", "201", async () => {
      const body = {
        url: `https://${hostile.host}/hooks/${victim.slug}`,
        secret: mark("hook"),
        events: ["repo.sync.started", "repo.sync.succeeded", "repo.sync.failed", "credential.rejected"],
      };
      return summary(await ask(url, { method: "POST", path: "/api/v1/webhooks", token: victim.token, body }));
    }),
    refused("a token of the API that is refused", "401 unauthenticated", async () =>
      summary(await ask(url, { path: "/api/v1/repos", token: `${mark("token")}.${"a".repeat(20)}.b` })),
    ),
    door("a password at the sign-in page", "not signed in, on record", async () => {
      const answer = await submitForm(url, {
        page: "/sign-in",
        cookie: "",
        having: "password",
        fields: { email, password: mark("signIn") },
      });
      const signedIn = answer.headers["set-cookie"]?.some((each) => /session=./.test(each));
      // It comes a moment after the answer, and the next attack must find nothing changed.
      const recorded = { organizationId: victim.id, action: "member.sign_in_failed" };
      await until("the failure is on record", async () => (await db.auditEvent.count({ where: recorded })) > 0);
      return signedIn ? "signed in" : "not signed in, on record";
    }),
  ];
  const echoes = Object.entries(ECHOES).flatMap(([behaviour, expected]) => {
    const password = mark(behaviour);
    const signIn = Buffer.from(`git:${password}`).toString("base64");
    /** Waits until the host has been sent the secret, once more than before. */
    const sent = async (act: () => Promise<string>) => {
      const times = () => hostile.taken.filter((line) => line.includes(signIn)).length;
      const before = times();
      const outcome = await act();
      await until("the host is sent it", () => times() > before, 5_000);
      return outcome;
    };
    return [
      door(`the upstream repeats it (${behaviour}), to a test`, expected.test, () =>
        sent(async () => {
          const names = { name: behaviour, host: hostile.host, owner: behaviour };
          const { repo, id } = await storeCredential(arena, victim, { ...names, password });
          const answer = await testStored(url, victim.token, { repo, id });
          return answer.status === 200 ? (JSON.parse(answer.text) as { outcome: string }).outcome : summary(answer);
        }),
      ),
      door(`the upstream repeats it (${behaviour}), to a pull`, expected.pull, () =>
        sent(async () => {
          const found = await pulled(behaviour);
          await db.repository.updateMany({
            where: { organizationId: victim.id, name: behaviour },
            data: { nextPullAt: null },
          });
          return found;
        }),
      ),
    ];
  });
  /** What fails while the table of secrets is not there, or the database refuses the rows of a change. */
  const creation = () =>
    send("POST", { repo_id: spare.id, username: mark("brokenUsername"), password: mark("broken") });
  const rotation = () =>
    send("PUT", { id: stored.id, username: mark("brokenUsername"), password: mark("brokenRotation") });
  const failing = (what: string, breaking: string, mending: string, acts: readonly (() => ReturnType<typeof ask>)[]) =>
    refused(`${what}: 500`, acts.map(() => "500 internal").join(), async () => {
      await db.$executeRawUnsafe(breaking);
      try {
        const said: string[] = [];
        for (const act of acts) said.push(summary(await act()));
        return said.join();
      } finally {
        await db.$executeRawUnsafe(mending);
      }
    });
  const withoutSecrets = [
    "credential_secret RENAME TO credential_secret_away",
    "credential_secret_away RENAME TO credential_secret",
  ].map((change) => `ALTER TABLE ${change}`);
  /** Before anything is pulled or delivered, which writes at times of its own. */
  const failures = [
    failing("the table of secrets is gone", withoutSecrets[0]!, withoutSecrets[1]!, [
      creation,
      rotation,
      () => testStored(url, victim.token, stored),
    ]),
    failing(
      "the database refuses the row, and says its values",
      "ALTER TABLE git_credential ADD CONSTRAINT refuse CHECK (added_by = 'nobody') NOT VALID",
      "ALTER TABLE git_credential DROP CONSTRAINT refuse",
      [creation, rotation],
    ),
    failing(
      "the audit row cannot be written",
      "ALTER TABLE audit_event ADD CONSTRAINT refuse CHECK (seq < 0) NOT VALID",
      "ALTER TABLE audit_event DROP CONSTRAINT refuse",
      [creation, rotation],
    ),
  ];
  const use = [
    door("it is tested", "reads_and_writes", async () => {
      const answer = await testStored(url, victim.token, stored);
      return (JSON.parse(answer.text) as { outcome: string }).outcome;
    }),
    door("it is pulled with, while processes are watched", "succeeded", async () => {
      gitHost.commit("acme/app", `refs/heads/b${randomBytes(3).toString("hex")}`);
      let watching = true;
      const watch = (async () => {
        while (watching) {
          taken.push(...processFacts(latchkey.pid));
          await new Promise((resolve) => setImmediate(resolve));
        }
      })();
      const outcome = await pulled("by-api");
      watching = false;
      await watch;
      return outcome;
    }),
    door("webhooks are told", "told", async () => {
      await until("a delivery comes", () => hostile.taken.some((line) => line.includes(`/hooks/${victim.slug}`)));
      return "told";
    }),
    door("the table of secrets is gone while it is pulled", "stopped", async () => {
      await db.$executeRawUnsafe(withoutSecrets[0]!);
      try {
        return await pulled("by-api");
      } finally {
        await db.$executeRawUnsafe(withoutSecrets[1]!);
      }
    }),
    door("every page is opened, as a page and as data, and all is exported", "all answered", async () => {
      const wrong: string[] = [];
      const visit = async (base: string, question: Parameters<typeof ask>[1]) => {
        const first = await ask(base, question);
        let { status } = first;
        const { location } = first.headers;
        // Data is asked for once more, under an address of its own.
        if (location?.includes("_rsc")) {
          const { pathname, search: query } = new URL(location, base);
          ({ status } = await ask(base, { ...question, path: pathname + query }));
        }
        if (status !== 200) wrong.push(`${question.path}: ${status}`);
      };
      const pages = [
        "repos",
        "attention",
        "repos/by-api",
        "repos/by-page",
        "repos/by-api/settings",
        "repos/by-api/settings/credential",
        "repos/by-api/settings/credential?act=rotate",
        "repos/echo-body/settings/credential",
        "import",
        "settings/audit",
        "settings/members",
        "settings/signing-keys",
        "settings/webhooks",
        "settings/notices",
        "settings/organization",
      ].map((page) => `/${victim.slug}/${page}`);
      for (const page of [...pages, "/account", "/docs/api", "/api/openapi.json"]) {
        for (const rsc of [{}, { rsc: "1" }] as Record<string, string>[]) {
          await visit(url, { path: page, headers: { cookie, ...rsc } });
        }
      }
      const form = { method: "POST", headers: { cookie, "content-type": "application/x-www-form-urlencoded" } };
      for (const format of ["jsonl", "csv"]) {
        await visit(url, { ...form, path: `/${victim.slug}/settings/audit/export`, body: `format=${format}` });
      }
      await visit(url, { ...form, path: `/${victim.slug}/export`, body: "format=csv" });
      await visit(latchkey.metricsUrl, { path: "/metrics" });
      return wrong.join(", ") || "all answered";
    }),
  ];

  const rows = async (table: string) => {
    const found = await db.$queryRawUnsafe<{ row: string }[]>(`SELECT row_to_json(t)::text AS row FROM ${table} AS t`);
    return found.map(({ row }) => row);
  };
  const places: Attack[] = [
    {
      name: "a secret that is planted is found, however it is written",
      expected: "found",
      // It asks nothing; what others left in the queue is tried again meanwhile.
      writes: true,
      attempt: async () => Promise.resolve(missedForms().join(", ") || "found"),
    },
    search("an answer's body or headers", "by-api", () => heard),
    search("an exported audit log", '\\"credential.rotated\\"', () => heard),
    search("an exported audit log as a table", "seq,at,action", () => heard),
    search("an exported list of repositories", "by-page-wrong,", () => heard),
    search("the metrics", "latchkey_process_up", () => heard),
    search("what the processes printed at level trace", "request_id", () => [latchkey.output()]),
    search("an audit row", "credential.rotated", () => rows("audit_event")),
    search("a row of the credentials", stored.id, () => rows("git_credential")),
    search("a row of the pulls", "succeeded", () => rows("sync_run")),
    search("a row of the upstreams", gitHost.host, () => rows("upstream")),
    search("a row of the job queue", "pull", () => rows("graphile_worker._private_tasks")),
    // Where the host could not be reached, the pull is in the queue again.
    search("a row of the jobs", "repositoryId", () => rows("graphile_worker._private_jobs")),
    search("a row of the webhooks' deliveries", "repo.sync", () => rows("webhook_delivery")),
    search("what was delivered to webhooks", "/hooks/", () =>
      hostile.taken.filter((line) => line.includes(" /hooks/")),
    ),
    search("the database's files", "credential.created", async () => {
      await db.$executeRawUnsafe("CHECKPOINT");
      return filesBelow(path.join(latchkey.dataDir, "postgres", "cluster"));
    }),
    search("the database's own log of all statements", "statement", () => [databaseLog(latchkey.dataDir)]),
    search("the mirrors", "refs/heads", () => filesBelow(path.join(latchkey.dataDir, "mirrors"))),
    search("what else is in the data folder", "k1:", () => loose(latchkey.dataDir)),
    search("an argument of a process", "fetch", () => taken.filter((text) => text.startsWith("args "))),
    search("an environment of a process", "LATCHKEY_DATA_DIR", () => taken.filter((text) => text.startsWith("env "))),
    search("a temporary file", "a file that was put there", () => temporaryFiles(arena)),
    ...(arena.others.length > 0 ? [searchOthersOutput(arena)] : []),
  ];
  return [...forms, ...api, ...failures, ...use.slice(0, 2), ...echoes, ...use.slice(2), ...places];

  /** Asks for a pull and waits for its outcome. */
  async function pulled(name: string): Promise<string> {
    const where = { repository: { organizationId: victim.id, name }, finishedAt: { not: null } };
    const before = await db.syncRun.count({ where });
    await askForPull(url, victim.token, name);
    await until(`the pull of ${name} ends`, async () => (await db.syncRun.count({ where })) > before);
    return (await db.syncRun.findFirst({ where, orderBy: { number: "desc" } }))?.outcome ?? "nothing";
  }
}

/** The same for what every other Latchkey printed that was started so far. */
export function searchOthersOutput({ others }: Arena): Attack {
  return search("what any other instance printed", "Latchkey is ready", () => others.map((other) => other.output()));
}

/** The same for their data folders, at least one of which has a database in it. */
export function searchOthersFolders({ others }: Arena): Attack {
  return search("any other instance's data folder", "credential.created", function* () {
    for (const dataDir of new Set(others.map((other) => other.dataDir))) yield* filesBelow(dataDir);
  });
}

/** Arguments and environments of everything that Latchkey runs. */
function processFacts(launcher: number): string[] {
  return tree(launcher).flatMap((pid) => {
    try {
      return [
        `args ${readFileSync(`/proc/${pid}/cmdline`, "utf8")}`,
        `env ${readFileSync(`/proc/${pid}/environ`, "latin1")}`,
      ];
    } catch {
      return [];
    }
  });
}

/** The files of a folder itself. */
function loose(folder: string): Buffer[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? contentOf(path.join(folder, entry.name)) : [],
  );
}

/** What stands loose in the system's folder for it, with one of ours that proves it. */
function temporaryFiles({ folder }: Arena): Buffer[] {
  const witness = path.join(os.tmpdir(), `${path.basename(folder)}-witness`);
  writeFileSync(witness, "a file that was put there");
  try {
    return loose(os.tmpdir());
  } finally {
    rmSync(witness);
  }
}

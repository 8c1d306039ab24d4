import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { makeRepository } from "@/prisma/factories";
import { signedInMember } from "../signed-in-member";
import { makeVictim, storeCredential, testStored, type Arena } from "./arena";
import type { Attack } from "./attack";
import { ask, heard, summary } from "./ask";
import { submitForm } from "./forms";
import { tree, until } from "./processes";

/** How the hostile host repeats what it was sent, and what a test may make of it. */
const ECHOES: Record<string, RegExp> = {
  "echo-body": /^unreachable$/,
  "echo-page": /^not_git$/,
  "echo-challenge": /^rejected$/,
  "echo-header": /^scope_too_small$/,
  "echo-reason": /^(no_access|unreachable)$/,
  "echo-type": /^(not_git|unreachable)$/,
  "echo-redirect": /^(not_git|unreachable)$/,
  "echo-sideband": /^(not_git|unreachable|public_unproven|no_access)$/,
};

/** Secrets found by the places below; the figures at the end show their number. */
export let secretsFound = 0;

/** Marked secrets go in by every door, and are looked for in every place that they could come out at. */
export async function leakage(arena: Arena): Promise<Attack[]> {
  const { latchkey, db, url, gitHost, hostile, authSecret } = arena;
  const victim = await makeVictim(db);
  const { email, cookie } = await signedInMember(db, victim, "owner", authSecret);
  const marks: Record<string, string> = {};
  const mark = (name: string) => (marks[name] = `marker${randomBytes(12).toString("hex")}`);
  const upstream = { provider: "gitea" as const, host: gitHost.host, owner: "acme", name: "app" };
  const secrets = "/api/v1/repos/git-credentials";
  const send = (method: string, body: object | string, query = "") =>
    ask(url, { method, path: secrets + query, token: victim.token, body });
  const taken: string[] = [];

  const door = (name: string, expected: Attack["expected"], attempt: () => Promise<string>): Attack => ({
    name,
    expected,
    attempt,
    writes: true,
  });
  const stored = await storeCredential(arena, victim, {
    name: "by-api",
    host: gitHost.host,
    password: mark("created"),
  });
  const forms = [
    door("a form adds one", "stored", async () => {
      await makeRepository(db, victim, "by-page", upstream);
      const page = `/${victim.slug}/repos/by-page/settings/credential`;
      const fields = { username: mark("formUsername"), password: mark("form"), untested: "on" };
      gitHost.tokens.set(marks.form!, "write");
      await submitForm(url, { page, cookie, having: "password", fields });
      return (await db.gitCredential.count({ where: { repository: { name: "by-page" } } })) > 0
        ? "stored"
        : "nothing stored";
    }),
    door("a form that is wrong is shown again, empty", "nothing stored", async () => {
      await makeRepository(db, victim, "by-page-wrong", upstream);
      const page = `/${victim.slug}/repos/by-page-wrong/settings/credential`;
      const fields = { username: "a:b", password: mark("formWrong") };
      await submitForm(url, { page, cookie, having: "password", fields });
      return (await db.gitCredential.count({ where: { repository: { name: "by-page-wrong" } } })) > 0
        ? "stored"
        : "nothing stored";
    }),
  ];
  const api = [
    door("a rotation", "200", async () => {
      gitHost.tokens.set(mark("rotated"), "write");
      return summary(await send("PUT", { id: stored.id, username: mark("username"), password: marks.rotated }));
    }),
    door("a second creation", "409 credential_exists", async () =>
      summary(await send("POST", { repo_id: stored.repo, password: mark("conflict") })),
    ),
    door("an unknown id", "404 not_found", async () =>
      summary(await send("PUT", { id: "ggc_none", password: mark("unknown") })),
    ),
    door("a field that is wrong", "400 invalid_request", async () =>
      summary(await send("PUT", { id: stored.id, password: `${mark("invalid")}\n` })),
    ),
    door("JSON that is wrong", "400 invalid_json", async () =>
      summary(await send("PUT", `{"id":"${stored.id}","password":"${mark("json")}"`)),
    ),
    door("a secret that the host refuses", "422 credential_refused", async () =>
      summary(await send("PUT", { id: stored.id, password: mark("refused") }, "?test=true")),
    ),
    door("a pasted address with a secret in it", "400 invalid_request", async () => {
      const token = await victim.key.token({ repo: "pasted" });
      const host = `oauth2:${mark("pasted")}@gitlab.com`;
      const body = { base_repo: { provider: "gitlab", owner: "acme", name: "app", upstream_host: host } };
      return summary(await ask(url, { method: "POST", path: "/api/v1/repos", token, body }));
    }),
    door("a webhook's address with a secret in it", "400 invalid_request", async () => {
      const body = {
        url: `https://x:${mark("hookUrl")}@git.example.com/`,
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
    door("a token of the API that is refused", "401 unauthenticated", async () =>
      summary(await ask(url, { path: "/api/v1/repos", token: `${mark("token")}.${"a".repeat(20)}.b` })),
    ),
    door("a password at the sign-in page", "not signed in", async () => {
      const answer = await submitForm(url, {
        page: "/sign-in",
        cookie: "",
        having: "password",
        fields: { email, password: mark("signIn") },
      });
      return answer.headers["set-cookie"]?.some((each) => /session=./.test(each)) ? "signed in" : "not signed in";
    }),
  ];
  const echoes = Object.entries(ECHOES).flatMap(([behaviour, expected]) => [
    door(`the upstream repeats it (${behaviour}), to a test`, expected, async () => {
      const { repo, id } = await storeCredential(arena, victim, {
        name: behaviour,
        host: hostile.host,
        owner: behaviour,
        password: mark(behaviour),
      });
      const answer = await testStored(url, victim.token, { repo, id });
      return answer.status === 200 ? (JSON.parse(answer.text) as { outcome: string }).outcome : summary(answer);
    }),
    door(`the upstream repeats it (${behaviour}), to a pull`, /^(?!succeeded)/, async () => {
      const found = await pulled(behaviour);
      await db.repository.updateMany({
        where: { organizationId: victim.id, name: behaviour },
        data: { nextPullAt: null },
      });
      return found;
    }),
  ]);
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
    door("the table of secrets is gone: 500", "500 internal", async () => {
      const repository = await makeRepository(db, victim, "broken", upstream);
      await db.$executeRawUnsafe("ALTER TABLE credential_secret RENAME TO credential_secret_away");
      try {
        return summary(
          await send("POST", { repo_id: repository.id, username: mark("brokenUsername"), password: mark("broken") }),
        );
      } finally {
        await db.$executeRawUnsafe("ALTER TABLE credential_secret_away RENAME TO credential_secret");
      }
    }),
    door("the database refuses the row, and says its values: 500", "500 internal", async () => {
      const repository = await makeRepository(db, victim, "checked", upstream);
      await db.$executeRawUnsafe(
        "ALTER TABLE git_credential ADD CONSTRAINT refuse CHECK (added_by = 'nobody') NOT VALID",
      );
      try {
        return summary(await send("POST", { repo_id: repository.id, username: "git", password: mark("checked") }));
      } finally {
        await db.$executeRawUnsafe("ALTER TABLE git_credential DROP CONSTRAINT refuse");
      }
    }),
    door("the audit row cannot be written: 500", "500 internal", async () => {
      const repository = await makeRepository(db, victim, "unrecorded", upstream);
      await db.$executeRawUnsafe("ALTER TABLE audit_event ADD CONSTRAINT refuse CHECK (seq < 0) NOT VALID");
      try {
        return summary(await send("POST", { repo_id: repository.id, username: "git", password: mark("unrecorded") }));
      } finally {
        await db.$executeRawUnsafe("ALTER TABLE audit_event DROP CONSTRAINT refuse");
      }
    }),
    door("every page is opened, as a page and as data", "no failure", async () => {
      const statuses = new Set<number>();
      const pages = [
        "repos",
        "attention",
        "repos/by-api",
        "repos/by-page",
        "repos/by-api/settings",
        "repos/by-api/settings/credential",
        "repos/by-api/settings/credential?act=rotate",
        "repos/echo-body/settings/credential",
        "settings/audit",
        "settings/members",
        "settings/signing-keys",
        "settings/webhooks",
        "settings/organization",
        "settings/audit/export?format=jsonl",
        "settings/audit/export?format=csv",
      ];
      for (const page of pages) {
        for (const rsc of [{}, { rsc: "1" }] as Record<string, string>[]) {
          statuses.add((await ask(url, { path: `/${victim.slug}/${page}`, headers: { cookie, ...rsc } })).status);
        }
      }
      for (const page of ["/account", "/docs/api", "/api/openapi.json"])
        statuses.add((await ask(url, { path: page, headers: { cookie } })).status);
      return [...statuses].some((status) => status >= 500) ? [...statuses].join() : "no failure";
    }),
  ];

  /** A place, what it holds by now, and something harmless that proves it was searched. */
  const place = (
    name: string,
    witness: string,
    contents: () => Promise<readonly string[]> | readonly string[],
  ): Attack => ({
    name: `no secret is in ${name}`,
    expected: "the witness and no secret",
    writes: true,
    attempt: async () => {
      const texts = await contents();
      const found = Object.entries(marks).flatMap(([what, value]) =>
        formsOf(value)
          .filter((form) => texts.some((text) => text.includes(form)))
          .map((form) => `${what} as ${form}`),
      );
      secretsFound += found.length;
      if (!texts.some((text) => text.includes(witness))) return "not even the witness";
      return found.length === 0 ? "the witness and no secret" : found.join(", ");
    },
  });
  const below = (folder: string) => filesBelow(folder).map((file) => readFileSync(file, "latin1"));
  const rows = async (table: string) => {
    const found = await db.$queryRawUnsafe<{ row: string }[]>(`SELECT row_to_json(t)::text AS row FROM ${table} AS t`);
    return found.map(({ row }) => row);
  };
  const places = [
    place("an answer's body or headers", "by-api", () => heard),
    place("what the processes printed at level trace", "request_id", () => [latchkey.output()]),
    place("an audit row", "credential.rotated", () => rows("audit_event")),
    place("a row of the credentials", "git_credential", async () =>
      (await rows("git_credential")).map((row) => `git_credential ${row}`),
    ),
    place("a row of the pulls", "succeeded", () => rows("sync_run")),
    place("a row of the upstreams", gitHost.host, () => rows("upstream")),
    place("a row of the job queue", "pull", () => rows("graphile_worker._private_tasks")),
    place("a row of the jobs", "job", async () => ["job", ...(await rows("graphile_worker._private_jobs"))]),
    place("a row of the webhooks' deliveries", "repo.sync", () => rows("webhook_delivery")),
    place("what was delivered to webhooks", "/hooks/", () => hostile.taken.filter((line) => line.includes(" /hooks/"))),
    place("the database's files", "credential.created", async () => {
      await db.$executeRawUnsafe("CHECKPOINT");
      return below(path.join(latchkey.dataDir, "postgres"));
    }),
    place("the database's own log of all statements", "statement", () => [
      readFileSync(path.join(latchkey.dataDir, "postgres", "log"), "utf8"),
    ]),
    place("the mirrors", "refs/heads", () => [...below(path.join(latchkey.dataDir, "mirrors"))]),
    place("the whole data folder", "credential.created", () => below(latchkey.dataDir)),
    place("an argument of a process", "fetch", () => taken.filter((text) => text.startsWith("args "))),
    place("an environment of a process", "LATCHKEY_DATA_DIR", () => taken.filter((text) => text.startsWith("env "))),
    place("a temporary file", "latchkey", () => [os.tmpdir() + "/latchkey", ...temporaryFiles(arena)]),
  ];
  return [...forms, ...api, ...use.slice(0, 2), ...echoes, ...use.slice(2), ...places];

  /** Asks for a pull and waits for its outcome. */
  async function pulled(name: string): Promise<string> {
    const where = { repository: { organizationId: victim.id, name }, finishedAt: { not: null } };
    const before = await db.syncRun.count({ where });
    await ask(url, { method: "POST", path: `/api/repos/${name}/pull-upstream`, token: victim.token, body: {} });
    await until(`the pull of ${name} ends`, async () => (await db.syncRun.count({ where })) > before);
    return (await db.syncRun.findFirst({ where, orderBy: { number: "desc" } }))?.outcome ?? "nothing";
  }
}

/** A secret as itself, in base64 wherever it stands among other bytes, in hexadecimal, and turned round. */
function formsOf(value: string): string[] {
  const base64 = [0, 1, 2].map((shift) =>
    Buffer.from("x".repeat(shift) + value)
      .toString("base64")
      .slice(shift === 0 ? 0 : 4, -4),
  );
  return [value, ...base64, Buffer.from(value).toString("hex"), [...value].reverse().join("")];
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

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

/** What stands loose in the system's folder for it, and is not the attack's own. */
function temporaryFiles({ folder }: Arena): string[] {
  return readdirSync(os.tmpdir(), { withFileTypes: true })
    .filter((entry) => entry.isFile() && !folder.endsWith(entry.name))
    .flatMap((entry) => {
      try {
        return [readFileSync(path.join(os.tmpdir(), entry.name), "latin1")];
      } catch {
        return [];
      }
    });
}

import { randomBytes, randomInt } from "node:crypto";
import { z } from "zod";
import { operations, type Operation } from "@/lib/contract/operations";
import type { Role } from "@/lib/platform/prisma-client/enums";
import { signedInMember } from "../signed-in-member";
import { makeVictim, storeCredential, type Arena } from "./arena";
import type { Attack } from "./attack";
import { ask, type Answer, type Question } from "./ask";
import { submitForm } from "./forms";
import { until } from "./processes";

const NONE = "0".repeat(24);
const UNKNOWN = {
  ...{ repo: `repo_${NONE}`, id: `ggc_${NONE}`, name: "never-was" },
  ...{ hook: `whk_${NONE}`, rotation: `rot_${NONE}` },
};
/**
 * For the times of answers: one that takes longer by its spread is the slower one in 76 of 100 pairs (the normal
 * distribution at 1/√2), one that takes as long in 50. Wald's sequential test tells these apart with as few pairs as can be.
 */
const SHARE_OF_SLOWER = 0.76;
/** Of so many that are equal, one is called slower. */
const EQUALS_PER_FALSE_ALARM = 1_000_000;
/** Of so many that are slower, one is called equal. */
const SLOWER_PER_MISS = 20;
/** What is not told apart by then differs by far less. */
const MOST_PAIRS = 400;

/** What is another organization's answers, byte for byte, as what never was; and a role's limits hold at every door. */
export async function tenancy(arena: Arena): Promise<Attack[]> {
  const { db, url, authSecret } = arena;
  const [victim, stranger] = [await makeVictim(db), await makeVictim(db)];
  const password = randomBytes(12).toString("hex");
  const foreign = await storeCredential(arena, victim, { name: "theirs", host: arena.gitHost.host, password });
  const own = await storeCredential(arena, stranger, { name: "own", host: arena.gitHost.host, password });
  const hook = { url: `https://${arena.hostile.host}/hook`, secret: "x".repeat(20), events: ["repo.sync.failed"] };
  const made = await ask(url, { method: "POST", path: "/api/v1/webhooks", token: victim.token, body: hook });
  const { id: hookId } = JSON.parse(made.text) as { id: string };
  arena.gitHost.tokens.set(password, "write");
  const rotating = { ...operations.rotateMatching, token: victim.token, body: { id: foreign.id, password } };
  const { id: rotationId } = JSON.parse((await ask(url, rotating)).text) as { id: string };
  await until("their rotation ends", async () => {
    const { finishedAt } = await db.rotation.findUniqueOrThrow({ where: { id: rotationId } });
    return finishedAt !== null;
  });

  /** Both questions, and whether their answers differ anywhere. */
  const alike = (name: string, expected: string, one: Question, two: Question): Attack => ({
    name,
    expected: `${expected}, alike`,
    attempt: async () => {
      const [a, b] = [await ask(url, one), await ask(url, two)];
      const same = comparable(a) === comparable(b);
      return same ? `${a.status}, alike` : `${comparable(a)}\n--- but ---\n${comparable(b)}`;
    },
  });
  type Named = typeof UNKNOWN;
  const theirs: Named = { ...foreign, hook: hookId, rotation: rotationId };
  const ours: Named = { ...UNKNOWN, repo: own.repo, name: own.name };
  const bodies: Partial<Record<keyof typeof operations, (named: Named) => object>> = {
    createCredential: ({ repo }) => ({ repo_id: repo, password: "x" }),
    rotateCredential: ({ id }) => ({ id, password: "x" }),
    removeCredential: ({ id }) => ({ id }),
    rotateMatching: ({ id }) => ({ id, password: "x" }),
    createRepositoryCredential: () => ({ password: "x" }),
    rotateRepositoryCredential: () => ({ password: "x" }),
    removeWebhook: ({ hook: id }) => ({ id }),
  };
  const questionOf = (name: keyof typeof operations, token: string, named: Named, by: "repo" | "name"): Question => {
    const { method, path } = operations[name] as Operation;
    const filled = path
      .replace("{repo_name}", named[by])
      .replace("{id}", named.id)
      .replace("{rotation}", named.rotation);
    if (filled.includes("{") || (idsIn(name) && !bodies[name])) throw new Error(`${name}: nothing is asked for here.`);
    const body = bodies[name]?.(named) ?? (method === "POST" ? {} : undefined);
    return { method, path: filled, token, ...(body && { body }) };
  };
  const idsIn = (name: keyof typeof operations) => {
    const { body } = operations[name] as Operation;
    return body instanceof z.ZodObject && ["id", "repo_id"].some((field) => field in body.shape);
  };
  const byIds = (Object.keys(operations) as (keyof typeof operations)[]).filter(
    (name) => operations[name].path.includes("{") || idsIn(name),
  );
  const byPath = byIds.filter((name) => operations[name].path.includes("{repo_name}"));
  const byBoth = byPath.filter((name) => operations[name].path.includes("{id}"));
  const v1 = (["readRepositoryV1", "deleteRepositoryV1", "pullUpstreamV1", "detachRepositoryV1"] as const).map(
    async (name) => {
      const [one, two] = await Promise.all(
        [foreign.repo, UNKNOWN.repo].map(async (repo) => {
          const { method, path } = operations[name];
          return { method, path, token: await stranger.key.token({ repo }), ...(method === "POST" && { body: {} }) };
        }),
      );
      return alike(`${name}: the token's claim is another organization's repository`, "404", one!, two!);
    },
  );
  const bound = await victim.key.token({ repo: "another" });
  const boundToTheirs = await stranger.key.token({ repo: foreign.repo });

  const person = (role: Role, of: typeof victim) => signedInMember(db, of, role, authSecret);
  const outsider = await person("owner", stranger);
  const viewer = await person("viewer", victim);
  const admin = await person("admin", victim);
  const owner = await person("owner", victim);
  const pages = [
    "repos",
    "attention",
    `repos/${foreign.name}`,
    `repos/${foreign.name}/settings`,
    `repos/${foreign.name}/settings/credential`,
    "settings/audit",
    "settings/members",
    "settings/signing-keys",
    "settings/webhooks",
    `settings/webhooks/${hookId}`,
    "settings/organization",
  ];
  const credentialPage = `/${victim.slug}/repos/${foreign.name}/settings/credential`;
  const rotation = {
    having: "password",
    fields: { usernameChoice: "none", username: "", password: "stolen-rotation", untested: "on" },
  };
  const status = (name: string, expected: Attack["expected"], question: Question): Attack => ({
    name,
    expected,
    attempt: async () => {
      const { status: code, headers } = await ask(url, question);
      return code >= 300 && code < 400
        ? `${code} to ${headers.location?.replace(url, "").replace(/\?.*/, "")}`
        : String(code);
    },
  });
  /**
   * Asks both, one right after the other and in an order that a coin decides, and counts how often the first was the slower
   * one. However busy this machine is, of equals that is every other time.
   */
  const equallyFast = (name: string, one: Question, two: Question): Attack => ({
    name,
    expected: "404 and 404, equally fast",
    attempt: async () => {
      const timed = async (question: Question) => {
        const asked = performance.now();
        const { status: code } = await ask(url, question);
        return { code, took: performance.now() - asked };
      };
      const [more, fewer] = [Math.log(SHARE_OF_SLOWER / 0.5), Math.log((1 - SHARE_OF_SLOWER) / 0.5)];
      const [slowerAbove, equalBelow] = [Math.log(EQUALS_PER_FALSE_ALARM), -Math.log(SLOWER_PER_MISS)];
      const codes = new Set<string>();
      let [first, second, likeliest] = [0, 0, 0];
      while (likeliest > equalBelow && likeliest < slowerAbove && first + second < MOST_PAIRS) {
        const turned = randomInt(2) === 1;
        const [before, after] = [await timed(turned ? two : one), await timed(turned ? one : two)];
        const [a, b] = turned ? [after, before] : [before, after];
        if (a.took > b.took) first += 1;
        else second += 1;
        codes.add(`${a.code} and ${b.code}`);
        likeliest = Math.max(first * more + second * fewer, second * more + first * fewer);
      }
      const said = `the first is slower in ${first} of ${first + second}`;
      return `${[...codes].join()}, ${likeliest < slowerAbove ? "equally fast" : said}`;
    },
  });
  return [
    ...byIds.map((name) =>
      alike(
        `${name}: another organization's id`,
        "404",
        questionOf(name, stranger.token, theirs, "repo"),
        questionOf(name, stranger.token, UNKNOWN, "repo"),
      ),
    ),
    ...byPath.map((name) =>
      alike(
        `${name}: another organization's name`,
        "404",
        questionOf(name, stranger.token, theirs, "name"),
        questionOf(name, stranger.token, UNKNOWN, "name"),
      ),
    ),
    ...byBoth.flatMap((name) =>
      (["repo", "name"] as const).map((by) =>
        alike(
          `${name}: another organization's id, at a repository of one's own by its ${by === "repo" ? "id" : "name"}`,
          "404",
          questionOf(name, stranger.token, { ...ours, id: foreign.id }, by),
          questionOf(name, stranger.token, ours, by),
        ),
      ),
    ),
    ...(await Promise.all(v1)),
    alike(
      "rotateCredential: a token that is bound to another repository of the same organization",
      "404",
      questionOf("rotateCredential", bound, theirs, "repo"),
      questionOf("rotateCredential", bound, UNKNOWN, "repo"),
    ),
    alike(
      "listRepositoryCredentials: a token that is bound to another organization's repository",
      "404",
      { path: `/api/repos/${foreign.repo}/git-credentials`, token: boundToTheirs },
      { path: `/api/repos/${UNKNOWN.repo}/git-credentials`, token: await stranger.key.token({ repo: UNKNOWN.repo }) },
    ),
    {
      name: "the list holds nothing of another organization",
      expected: "own",
      attempt: async () => {
        const { text } = await ask(url, { path: "/api/v1/repos?limit=100", token: stranger.token });
        return (JSON.parse(text) as { repos: { repo_name: string }[] }).repos.map(({ repo_name: name }) => name).join();
      },
    },
    {
      name: "another organization's cursor leads to nothing of it",
      expected: "nothing",
      attempt: async () => {
        await ask(url, { path: "/api/v1/repos?limit=1", token: victim.token });
        const cursor = Buffer.from(JSON.stringify([new Date().toISOString(), foreign.repo])).toString("base64url");
        const { text } = await ask(url, { path: `/api/v1/repos?cursor=${cursor}`, token: stranger.token });
        return text.includes(foreign.repo) || text.includes("theirs") ? text : "nothing";
      },
    },
    equallyFast(
      "rotateCredential: another organization's id and an unknown one take the same time",
      questionOf("rotateCredential", stranger.token, theirs, "repo"),
      questionOf("rotateCredential", stranger.token, UNKNOWN, "repo"),
    ),
    equallyFast(
      "listRepositoryCredentials: another organization's name and an unknown one take the same time",
      questionOf("listRepositoryCredentials", stranger.token, theirs, "name"),
      questionOf("listRepositoryCredentials", stranger.token, UNKNOWN, "name"),
    ),
    ...(["readRepositoryCredential", "testRepositoryCredential"] as const).map((name) =>
      equallyFast(
        `${name}: another organization's id and an unknown one take the same time`,
        questionOf(name, stranger.token, { ...ours, id: foreign.id }, "repo"),
        questionOf(name, stranger.token, ours, "repo"),
      ),
    ),
    ...pages.map((page) =>
      alike(
        `/${page.replace(hookId, "…")}: another organization's page`,
        "404",
        { path: `/${victim.slug}/${page}`, headers: { cookie: outsider.cookie } },
        { path: `/${"org-".padEnd(victim.slug.length, "0")}/${page}`, headers: { cookie: outsider.cookie } },
      ),
    ),
    ...pages.map((page) =>
      status(`/${page.replace(hookId, "…")}: nobody is signed in`, /^30[37] to \/sign-in$|^(401|404)$/, {
        path: `/${victim.slug}/${page}`,
      }),
    ),
    status("a page that follows a pull, of another organization", /^(401|403|404)$/, {
      path: `/api/progress/${victim.slug}/${foreign.name}`,
      headers: { cookie: outsider.cookie },
    }),
    status("a page that follows a pull, to nobody", /^(401|403|404)$|sign-in/, {
      path: `/api/progress/${victim.slug}/${foreign.name}`,
    }),
    status("the audit export, to a viewer", /^(403|404)$/, exported(victim.slug, viewer.cookie)),
    status("the audit export, to nobody", /^30[37] to \/sign-in$|^40[134]$/, exported(victim.slug, "")),
    alike(
      "the audit export, of another organization",
      "404",
      exported(victim.slug, outsider.cookie),
      exported("org-0000000000", outsider.cookie),
    ),
    status("a session cookie at the API", "401", { path: "/api/v1/repos", headers: { cookie: owner.cookie } }),
    status("a token at the dashboard", "307 to /sign-in", {
      path: `/${victim.slug}/repos`,
      headers: { authorization: `Bearer ${victim.token}` },
    }),
    status("a session cookie that is cut", "307 to /sign-in", {
      path: `/${victim.slug}/repos`,
      headers: { cookie: owner.cookie.slice(0, -9) },
    }),
    status("a session cookie that nobody signed", "307 to /sign-in", {
      path: `/${victim.slug}/repos`,
      headers: { cookie: "latchkey.session=a.b.c.d.e" },
    }),
    {
      name: "a session that was ended",
      expected: "200, then 307",
      writes: true,
      attempt: async () => {
        const { userId, cookie } = await person("viewer", victim);
        const before = await ask(url, { path: `/${victim.slug}/repos`, headers: { cookie } });
        await db.session.deleteMany({ where: { userId } });
        return `${before.status}, then ${(await ask(url, { path: `/${victim.slug}/repos`, headers: { cookie } })).status}`;
      },
    },
    {
      name: "a member who was removed",
      expected: "200, then 404",
      writes: true,
      attempt: async () => {
        const { userId, cookie } = await person("admin", victim);
        const before = await ask(url, { path: `/${victim.slug}/repos`, headers: { cookie } });
        await db.membership.deleteMany({ where: { userId } });
        return `${before.status}, then ${(await ask(url, { path: `/${victim.slug}/repos`, headers: { cookie } })).status}`;
      },
    },
    {
      name: "an admin's form, replayed with a viewer's session",
      expected: "changes nothing",
      attempt: () => replayed(admin.cookie, { cookie: viewer.cookie }),
    },
    {
      name: "an admin's form, replayed with another organization's session",
      expected: "changes nothing",
      attempt: () => replayed(admin.cookie, { cookie: outsider.cookie }),
    },
    {
      name: "an admin's form, replayed without a session",
      expected: "changes nothing",
      attempt: () => replayed(admin.cookie, { cookie: "" }),
    },
    {
      name: "an admin's form, sent by another site's page",
      expected: "changes nothing",
      attempt: () => replayed(admin.cookie, { "sec-fetch-site": "cross-site", origin: "https://evil.example" }),
    },
    {
      name: "an admin's form, sent by another site's page of an older browser",
      expected: "changes nothing",
      attempt: () => replayed(admin.cookie, { origin: "https://evil.example" }),
    },
    {
      name: "an admin's form, sent by an admin",
      expected: "changes the credential",
      writes: true,
      attempt: () => replayed(admin.cookie, {}),
    },
  ];

  /** Sends the admin's own form with other headers, and looks at the credential. */
  async function replayed(cookie: string, headers: Record<string, string>): Promise<string> {
    const version = async () =>
      (await db.gitCredential.findUniqueOrThrow({ where: { id: foreign.id } })).currentVersion;
    const before = await version();
    await submitForm(url, { page: `${credentialPage}?act=rotate`, cookie, ...rotation, headers });
    return (await version()) === before ? "changes nothing" : "changes the credential";
  }
}

function exported(slug: string, cookie: string): Question {
  const headers = { cookie, "content-type": "application/x-www-form-urlencoded" };
  return { method: "POST", path: `/${slug}/settings/audit/export`, headers, body: "format=jsonl" };
}

/** An answer without what differs every time: ids and nonces of the request, and the address that was asked for. */
function comparable({ status, headers, text }: Answer): string {
  const moving = new Set(["date", "x-request-id", "content-length", "x-ratelimit-remaining", "ratelimit"]);
  const kept = Object.entries(headers).filter(([name]) => !moving.has(name));
  const all = [status, ...kept.map(([name, value]) => `${name}: ${String(value)}`), text].join("\n");
  return all
    .replace(/"request_id":"[^"]+"/g, "")
    .replaceAll(/'nonce-([^']+)'/.exec(String(headers["content-security-policy"]))?.[1] ?? "no nonce", "nonce")
    .replace(/org-[0-9a-f]{10}/g, "ORG")
    .replace(/whk_[0-9a-f]{24}/g, "WHK");
}

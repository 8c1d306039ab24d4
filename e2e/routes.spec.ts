import type { APIResponse } from "@playwright/test";
import { operations } from "@/lib/contract/operations";
import { makeRepository } from "@/prisma/factories";
import { expectHeaders } from "./support/expect-headers";
import { fingerprint } from "./support/fingerprint";
import { PAGE_DOORS, ROUTE_DOORS } from "./support/page-doors";
import { expect, test, type Scene } from "./support/scene";
import { addressesOf } from "./support/tree";

type Somebody = "stranger" | "ended" | "viewer" | "admin" | "owner" | "foreign";
type Verdict = "shown" | "sign in" | "not found" | "no permission";

const EVERYBODY: Somebody[] = ["stranger", "ended", "viewer", "admin", "owner", "foreign"];
const SIGNED_IN = { stranger: "sign in", ended: "sign in", viewer: "shown", admin: "shown", owner: "shown" } as const;

/** Who is shown what. */
const EXPECTED: Record<(typeof PAGE_DOORS)[string], Record<Somebody, Verdict>> = {
  anybody: { ...SIGNED_IN, stranger: "shown", ended: "shown", foreign: "shown" },
  user: { ...SIGNED_IN, foreign: "shown" },
  member: { ...SIGNED_IN, foreign: "not found" },
  admin: { ...SIGNED_IN, foreign: "not found", viewer: "no permission" },
};

async function verdict(answer: APIResponse): Promise<Verdict> {
  const { location } = answer.headers();
  if (/^\/sign-in($|\?next=)/.test(location ?? "") && !answer.url().includes("/sign-in")) return "sign in";
  if (answer.status() === 404) return "not found";
  return (await answer.text()).includes("Your role does not allow this") ? "no permission" : "shown";
}

/** An address with this scene's names in it. */
const filled = ({ organization: { id, slug } }: Scene, address: string) =>
  address
    .replace("[org]", slug)
    .replace("[repo]", "team%2Fapp")
    .replace("[webhook]", `whk_${id}`)
    .replace("[rotation]", `rot_${id}`)
    .replace("[import]", `imp_${id}`);

/** Makes what those names stand for. */
async function furnish({ latchkey: { db }, organization }: Scene): Promise<void> {
  const { id: organizationId } = organization;
  await makeRepository(db, organization, "team/app");
  const webhook = { id: `whk_${organizationId}`, url: "https://hooks.invalid/", addedBy: "test", masterKeyId: "k1" };
  await db.webhook.create({ data: { ...webhook, events: [], sealed: new Uint8Array(8), organizationId } });
  const rotation = { id: `rot_${organizationId}`, host: "git.invalid", requestedBy: "test", createdAt: new Date() };
  await db.rotation.create({ data: { ...rotation, organizationId } });
  await db.repositoryImport.create({ data: { id: `imp_${organizationId}`, requestedBy: "test", organizationId } });
}

test("every page and every route has its row", () => {
  expect(addressesOf("page.tsx")).toEqual(Object.keys(PAGE_DOORS).sort());
  const api = Object.values(operations).map(({ path }) => path.replaceAll("{", "[").replaceAll("}", "]"));
  const routes = [...new Set<string>([...api, ...Object.keys(ROUTE_DOORS), "/api/[...path]"])];
  expect(addressesOf("route.ts")).toEqual(routes.sort());
});

test("every page is shown to whom it is for, with its headers, and takes no other method", async ({ scene }) => {
  test.slow();
  await furnish(scene);
  const found: Record<string, Partial<Record<Somebody, Verdict>>> = {};
  for (const address of Object.keys(PAGE_DOORS)) {
    const path = filled(scene, address);
    const verdicts: Partial<Record<Somebody, Verdict>> = {};
    for (const who of EVERYBODY) {
      const answer = await scene[who].request.get(path, { maxRedirects: 0 });
      expectHeaders(answer, "page");
      verdicts[who] = await verdict(answer);
    }
    found[address] = verdicts;
    for (const method of ["PUT", "PATCH", "DELETE", "OPTIONS"]) {
      const refused = await scene.owner.request.fetch(path, { method });
      expect([refused.status(), refused.headers().allow], `${method} ${path}`).toEqual([405, "GET, HEAD, POST"]);
      expectHeaders(refused, "other");
    }
  }
  expect(found).toEqual(Object.fromEntries(Object.entries(PAGE_DOORS).map(([path, who]) => [path, EXPECTED[who]])));
});

test("every route answers its methods alone, and the export its admins alone", async ({ scene }) => {
  for (const [address, allow] of Object.entries(ROUTE_DOORS)) {
    const path = filled(scene, address);
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
      const answer = await scene.stranger.request.fetch(path, { method, maxRedirects: 0 });
      expectHeaders(answer, "other");
      const known = allow.split(", ").includes(method);
      expect(answer.status() === 405, `${method} ${path} ${answer.status()}`).toBe(!known);
      // Pages' addresses are told apart from files' alone before Next: theirs says what a page answers.
      const told = known || !path.startsWith("/api/") ? allow : answer.headers().allow;
      expect(told, `${method} ${path}`).toBe(allow);
    }
  }
  const path = filled(scene, "/[org]/settings/audit/export");
  const print = () =>
    fingerprint(scene.latchkey, { organizationId: scene.organization.id, userId: scene.owner.userId });
  const before = await print();
  const found: Record<string, number> = {};
  const download = async (who: Somebody) => {
    const answer = await scene[who].request.post(path, { form: { format: "csv" }, maxRedirects: 0 });
    expectHeaders(answer, "page");
    return answer.status();
  };
  for (const who of ["stranger", "ended", "viewer", "foreign"] as const) found[who] = await download(who);
  expect(found).toEqual({ stranger: 303, ended: 303, viewer: 403, foreign: 404 });
  expect(await print()).toEqual(before);
  expect(await download("admin")).toBe(200);
  expect(await print()).not.toEqual(before);
});

test("the list of repositories is exported to members alone", async ({ scene }) => {
  const path = filled(scene, "/[org]/export");
  const found: Record<string, number> = {};
  for (const who of ["stranger", "ended", "foreign", "viewer", "admin"] as const) {
    const answer = await scene[who].request.post(path, { form: { format: "csv" }, maxRedirects: 0 });
    expectHeaders(answer, "page");
    found[who] = answer.status();
  }
  expect(found).toEqual({ stranger: 303, ended: 303, foreign: 404, viewer: 200, admin: 200 });
});

test("a pull is followed by members alone", async ({ scene }) => {
  await furnish(scene);
  const path = filled(scene, "/api/progress/[org]/[repo]");
  const found: Record<string, number> = {};
  for (const who of ["stranger", "ended", "foreign"] as const) {
    found[who] = (await scene[who].request.get(path, { maxRedirects: 0 })).status();
  }
  expect(found).toEqual({ stranger: 307, ended: 307, foreign: 404 });
});

test("whatever else is answered has the headers too: what is nowhere or refused, a file, a stream, a redirect", async ({
  scene,
}) => {
  const { request } = scene.stranger;
  await furnish(scene);
  const [, script] = /"(\/_next\/static\/[^"]+\.js)"/.exec(await (await request.get("/sign-in")).text()) ?? [];
  const answers: (readonly [path: string, status: number, kind: "page" | "other", options?: object])[] = [
    ["/nowhere/at/all", 404, "page"],
    ["/%ff", 404, "page"],
    ["/", 307, "page"],
    ["/docs/api/", 308, "other"],
    ["/docs/%61pi", 400, "other"],
    ["/_next/data/build/docs/api.json", 400, "other"],
    ["/sign-in", 411, "other", { method: "POST", headers: { "transfer-encoding": "chunked" } }],
    ["/sign-in", 413, "other", { method: "POST", data: Buffer.alloc(64 * 1024 + 1) }],
    ["/sign-in", 431, "other", { headers: { "x-large": "x".repeat(16 * 1024) } }],
    ["/sign-in", 403, "page", { method: "POST", headers: { "sec-fetch-site": "cross-site" } }],
    ["/api/health", 200, "other"],
    ["/api/ready", 200, "other"],
    ["/api/health/", 308, "other"],
    ["/api/nowhere", 404, "other"],
    ["/api/v1/repos", 401, "other"],
    ["/api/v1/repos", 405, "other", { method: "PATCH" }],
    [script!, 200, "other"],
    ["/_next/static/nowhere.js", 404, "other"],
    ["/icon.svg", 200, "other"],
  ];
  for (const [path, status, kind, options] of answers) {
    const answer = await request.fetch(path, { maxRedirects: 0, ...options });
    expect(answer.status(), path).toBe(status);
    expectHeaders(answer, kind);
  }
  const file = await request.fetch("/icon.svg", { method: "POST" });
  expect([file.status(), file.headers().allow]).toEqual([405, "GET, HEAD"]);

  const { id: repositoryId } = await scene.latchkey.db.repository.findFirstOrThrow({
    where: { organizationId: scene.organization.id },
  });
  const ended = { id: `run_${repositoryId}`, repositoryId, requestedBy: "test", startedAt: new Date() };
  await scene.latchkey.db.syncRun.create({ data: { ...ended, finishedAt: new Date(), outcome: "succeeded" } });
  const stream = await scene.viewer.request.get(filled(scene, "/api/progress/[org]/[repo]?asked=0"));
  expect([stream.status(), stream.headers()["content-type"]]).toEqual([200, "text/event-stream"]);
  expectHeaders(stream, "other");
  expect(stream.headers()["cache-control"]).toContain("no-store");
});

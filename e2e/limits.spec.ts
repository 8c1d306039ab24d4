import { readFileSync } from "node:fs";
import path from "node:path";
import type { APIRequestContext, Page } from "@playwright/test";
import { operations } from "@/lib/contract/operations";
import { makeMember, makeOrganization, makeSigningKey, type MadeKey } from "@/prisma/factories";
import { startLatchkey, type Latchkey } from "@/scripts/start-latchkey";
import { anotherPage, expect, PASSWORD, test } from "./support/fixtures";

test("hundreds of pages asked for at once are made or refused politely, and nothing falls over", async ({
  latchkey,
}) => {
  const ask = async () => {
    const response = await fetch(`${latchkey.url}/sign-in`);
    await response.arrayBuffer();
    return { status: response.status, retryAfter: response.headers.get("retry-after") };
  };
  const answers = await Promise.all(Array.from({ length: 700 }, ask));
  const made = answers.filter(({ status }) => status === 200);
  const refused = answers.filter(({ status }) => status === 503);
  expect(made.length).toBeGreaterThanOrEqual(400);
  expect(made.length + refused.length).toBe(700);
  expect(refused.every(({ retryAfter }) => retryAfter === "5")).toBe(true);
  expect((await ask()).status).toBe(200);
});

test("what is too large for a form or too long for a head is refused by the running server", async ({ request }) => {
  const form = await request.post("/sign-in", {
    data: Buffer.alloc(64 * 1024 + 1),
    headers: { "content-type": "text/plain" },
  });
  expect(form.status()).toBe(413);
  const head = await request.get("/api/v1/repos", { headers: { "x-large": "x".repeat(17 * 1024) } });
  expect([head.status(), ((await head.json()) as { code: string }).code]).toEqual([431, "headers_too_large"]);
});

test("an address that a client claims is not believed without a trusted proxy", async ({ page, latchkey }) => {
  await page.setExtraHTTPHeaders({ "x-forwarded-for": "203.0.113.66" });
  await failToSignIn(page);
  const keys = await throttledAddresses(latchkey);
  expect(keys).toContainEqual(expect.stringMatching(/^sign-in-address:(127\.0\.0\.1|::\/64)$/));
  expect(keys).not.toContainEqual(expect.stringContaining("203.0.113.66"));
});

test.describe("behind a trusted proxy, with limits that a test can reach", () => {
  test.describe.configure({ mode: "serial" });
  let limited: Latchkey;
  let key: MadeKey;

  test.beforeAll(async () => {
    limited = await startLatchkey({
      LATCHKEY_RATE_SUBJECT: "10",
      LATCHKEY_RATE_ADDRESS: "60",
      LATCHKEY_RATE_FAILURES: "5",
      LATCHKEY_TRUSTED_PROXIES: "127.0.0.0/8, ::1",
    });
    key = await makeSigningKey(limited.db, await makeOrganization(limited.db, "limited"));
  });

  test.afterAll(async () => {
    await limited.stop();
  });

  /** Twice the limit and one more: whenever the minute of the clock ends, one of its halves is over the limit. */
  const overAnd = (limit: number) => Array.from({ length: 2 * limit + 1 }, (_, number) => number);

  async function list(
    request: APIRequestContext,
    token: string,
    from: string,
    address: string = operations.listRepositories.path,
  ) {
    const headers = { authorization: `Bearer ${token}`, "x-forwarded-for": from };
    const response = await request.get(`${limited.url}${address}`, { headers });
    return { status: response.status(), retryAfter: Number(response.headers()["retry-after"]), response };
  }

  test("one subject of a token is refused after its share, on whichever paths, and others are not", async ({
    request,
  }) => {
    const token = await key.token({ sub: "busy", repo: "x" });
    const paths = [operations.listRepositories.path, operations.listRepositoriesV1.path, "/api/repos/x"];
    const answers = [];
    for (const number of overAnd(10)) {
      answers.push(await list(request, token, `198.51.100.${number}`, paths[number % paths.length]));
    }
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    for (const { retryAfter, response } of refused) {
      expect(retryAfter).toBeGreaterThanOrEqual(1);
      expect(retryAfter).toBeLessThanOrEqual(60);
      expect(await response.json()).toMatchObject({ code: "throttled", request_id: expect.any(String) });
    }
    expect((await list(request, await key.token({ sub: "calm" }), "198.51.100.1")).status).toBe(200);
  });

  test("an address with too many refused tokens is told so before the next one is looked at", async ({ request }) => {
    const bad = await key.token({ exp: 1 });
    const statuses = [];
    for (const _ of overAnd(5)) statuses.push((await list(request, bad, "203.0.113.7")).status);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    const good = await key.token({ sub: "neighbour" });
    expect((await list(request, good, "203.0.113.9")).status).toBe(200);
    // A good token between two refused ones of one minute; where the minute ends in between, the next one is whole.
    const asked = [];
    for (let round = 0; round < 2; round += 1) {
      await Promise.all(overAnd(5).map(() => list(request, bad, "203.0.113.8")));
      const [one, between, two] = [
        await list(request, bad, "203.0.113.8"),
        await list(request, good, "203.0.113.8"),
        await list(request, bad, "203.0.113.8"),
      ];
      if (two.retryAfter <= one.retryAfter) asked.push(between);
    }
    expect(asked.length).toBeGreaterThan(0);
    for (const { status, response } of asked) {
      expect([status, await response.text()]).toEqual([
        429,
        expect.stringContaining("tokens from this address were refused"),
      ]);
    }
  });

  test("one address is refused after its share, whatever it sends, and health checks never", async ({ request }) => {
    const ask = (address: string) =>
      request.get(`${limited.url}${address}`, { headers: { "x-forwarded-for": "2001:db8:7::1, 192.0.2.44" } });
    const statuses = [];
    for (const _ of overAnd(60)) statuses.push((await ask("/api/openapi.json")).status());
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    expect((await ask("/api/health")).status()).toBe(200);
    expect((await ask("/api/ready")).status()).toBe(200);
  });

  test("sign-in is counted by the address that the proxy saw", async ({ page }) => {
    await page.setExtraHTTPHeaders({ "x-forwarded-for": "6.6.6.6, 203.0.113.66" });
    await failToSignIn(page, limited.url);
    expect(await throttledAddresses(limited)).toEqual(["sign-in-address:203.0.113.66"]);
  });

  test("the audit log has the address that the proxy saw, whichever door somebody comes in by", async ({
    page,
    request,
  }) => {
    const organization = await makeOrganization(limited.db, "addressed");
    const token = await (await makeSigningKey(limited.db, organization)).token({ repo: "app" });
    const from = (last: number) => ({ "x-forwarded-for": `6.6.6.6, 198.51.100.${last}` });
    const headers = { authorization: `Bearer ${token}`, ...from(20) };
    await request.post(`${limited.url}${operations.createRepository.path}`, { headers, data: {} });

    const email = "owner@addressed.example";
    await makeMember(limited.db, organization, { email, password: PASSWORD, role: "owner" });
    await page.setExtraHTTPHeaders(from(21));
    await page.goto(`${limited.url}/sign-in?next=/addressed/settings/members`);
    await page.getByLabel("E-mail address").fill(email);
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL(({ pathname }) => pathname === "/addressed/settings/members");
    await page.getByLabel("E-mail address").fill("guest@addressed.example");
    await page.getByRole("button", { name: "Make an invitation link" }).click();
    const link = await page.getByText(/\/invite\?token=/).innerText();

    const guest = await anotherPage(page.context(), limited.url);
    await guest.setExtraHTTPHeaders(from(22));
    await guest.goto(new URL(link).pathname + new URL(link).search);
    await guest.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await guest.getByRole("button", { name: "Join" }).click();
    await guest.waitForURL("**/addressed/repos");
    await guest.context().close();

    const exported = await page.request.post(`${limited.url}/addressed/settings/audit/export`, {
      headers: from(23),
      form: { format: "jsonl" },
    });
    const events = (await exported.text())
      .trim()
      .split("\n")
      .map((line) => JSON.parse((JSON.parse(line) as { payload: string }).payload) as Record<string, unknown>)
      .map(({ action, address }) => [action, address]);
    expect(events).toEqual(
      expect.arrayContaining([
        ["repository.created", "198.51.100.20"],
        ["member.invited", "198.51.100.21"],
        ["member.joined", "198.51.100.22"],
        ["audit.exported", "198.51.100.23"],
      ]),
    );
  });

  test("a second instance shares the counts, and knows of a revoked key at once", async ({ request }) => {
    const second = await startLatchkey({
      DATABASE_URL: limited.databaseUrl,
      LATCHKEY_MASTER_KEYS: readFileSync(path.join(limited.dataDir, "master-keys"), "utf8"),
      AUTH_SECRET: readFileSync(path.join(limited.dataDir, "auth-secret"), "utf8").trim(),
      LATCHKEY_RATE_SUBJECT: "20",
    });
    try {
      const token = await key.token({ sub: "spread" });
      const ask = async () => {
        const response = await request.get(`${second.url}${operations.listRepositories.path}`, {
          headers: { authorization: `Bearer ${token}` },
        });
        return response.status();
      };
      expect(await ask()).toBe(200);
      const shared = () => limited.db.rateLimiterFlexible.count({ where: { key: { endsWith: ":spread" } } });
      await expect.poll(shared).toBeGreaterThan(0);
      await limited.db.signingKey.update({ where: { id: key.id }, data: { revokedAt: new Date() } });
      expect(await ask()).toBe(401);
      expect((await list(request, token, "198.51.100.77")).status).toBe(401);
    } finally {
      await second.stop();
    }
  });
});

async function failToSignIn(page: Page, base = ""): Promise<void> {
  await page.goto(`${base}/sign-in`);
  await page.getByLabel("E-mail address").fill("nobody@example.com");
  await page.getByLabel("Password", { exact: true }).fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.locator("form").getByRole("alert")).toContainText("do not belong together");
}

async function throttledAddresses({ db }: Latchkey): Promise<string[]> {
  const rows = await db.rateLimiterFlexible.findMany({ where: { key: { startsWith: "sign-in-address" } } });
  return rows.map(({ key }) => key);
}

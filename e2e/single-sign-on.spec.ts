import { randomBytes } from "node:crypto";
import type { APIRequestContext, Page } from "@playwright/test";
import { makeInvitation, makeMember, makeOrganization } from "@/prisma/factories";
import { freePort, startLatchkey } from "@/scripts/start-latchkey";
import { anotherPage, expect, PASSWORD, test as base } from "./support/fixtures";
import { startIdentityProvider, type IdentityProvider } from "./support/identity-provider";

/** A Latchkey with an identity provider. */
const test = base.extend<object, { port: number; provider: IdentityProvider }>({
  port: [async ({}, use) => use(await freePort()), { scope: "worker" }],
  provider: [
    async ({ port }, use) => {
      const provider = await startIdentityProvider(`http://localhost:${port}`);
      await use(provider);
      await provider.stop();
    },
    { scope: "worker" },
  ],
  latchkey: [
    async ({ port, provider }, use) => {
      const latchkey = await startLatchkey({ ...provider.variables, PORT: String(port) });
      await use(latchkey);
      await latchkey.stop();
    },
    { scope: "worker", timeout: 120_000 },
  ],
});

const CALLBACK = "/api/auth/callback/oidc";
const FAILED = /\/sign-in\?refused=failed$/;
const address = () => `sso-${randomBytes(4).toString("hex")}@example.com`;

/** What a person does at the provider. */
async function signInThere(page: Page, name: string) {
  await page.getByPlaceholder("Enter any login").fill(name);
  await page.getByPlaceholder("and password").fill("any");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
}

async function enter(page: Page, name: string) {
  await page.goto("/sign-in");
  await page.getByRole("link", { name: "Sign in with single sign-on" }).click();
  await signInThere(page, name);
}

/** Follows redirects up to a page, or to where the provider sends its answer, which is not sent there. */
async function followed(request: APIRequestContext, first: string): Promise<string> {
  let url = first;
  for (;;) {
    if (url.includes(CALLBACK)) return url;
    const location = (await request.get(url, { maxRedirects: 0 })).headers().location;
    if (!location) return url;
    url = new URL(location, url).href;
  }
}

/** The provider's answer to this browser, before Latchkey has seen it. */
async function answerFor(request: APIRequestContext, origin: string, name: string): Promise<URL> {
  let url = await followed(request, `${origin}/sign-in/single-sign-on`);
  const forms: Record<string, string>[] = [{ prompt: "login", login: name, password: "any" }, { prompt: "consent" }];
  for (const form of forms) {
    const sent = await request.post(url, { form, maxRedirects: 0 });
    url = await followed(request, new URL(sent.headers().location!, url).href);
  }
  return new URL(url);
}

test("an invitation is accepted by it, and the next time it is simply a way in", async ({
  ownerPage,
  browser,
  baseURL,
  latchkey,
  provider,
  organization,
}) => {
  const email = address();
  await ownerPage.goto(`/${organization.slug}/settings/members`);
  await ownerPage.getByLabel("E-mail address").fill(email);
  await ownerPage.getByRole("button", { name: "Make an invitation link" }).click();
  await expect(ownerPage.getByText(/\/invite\?token=/)).toBeVisible();
  provider.users.set("invited", { email: email.toUpperCase(), verified: true });

  const guest = await (await browser.newContext({ baseURL })).newPage();
  const asked: URL[] = [];
  guest.on("request", (request) => {
    if (request.url().startsWith(`${provider.issuer}/auth?`)) asked.push(new URL(request.url()));
  });
  await guest.goto(`/${organization.slug}/settings/members?x=1`);
  await guest.getByRole("link", { name: "Sign in with single sign-on" }).click();
  await signInThere(guest, "invited");
  await expect(guest).toHaveURL(`${baseURL}/${organization.slug}/settings/members?x=1`);
  const parameters = asked[0]!.searchParams;
  expect(parameters.get("code_challenge_method")).toBe("S256");
  for (const name of ["state", "nonce", "code_challenge"]) expect(parameters.get(name)!.length).toBeGreaterThan(20);

  const user = await latchkey.db.user.findUniqueOrThrow({ where: { email }, include: { identities: true } });
  expect(user).toMatchObject({ passwordHash: null, identities: [{ issuer: provider.issuer, subject: "invited" }] });
  await guest.goto("/account");
  await expect(guest.getByText("have no password here")).toBeVisible();
  await expect(guest.getByRole("row").filter({ hasText: "this one" })).toContainText("single sign-on");

  await guest.context().clearCookies({ name: /latchkey/ });
  await guest.goto("/sign-in");
  await guest.getByRole("link", { name: "Sign in with single sign-on" }).click();
  await expect(guest).toHaveURL(`${baseURL}/${organization.slug}/repos`);
  await guest.context().close();
});

test("who is a member elsewhere is asked, and joins by the invitation's link", async ({
  page,
  latchkey,
  provider,
  organization,
  member,
}) => {
  const { email } = await member("viewer");
  const elsewhere = await makeOrganization(latchkey.db, `${organization.slug}-b`);
  const { token } = await makeInvitation(latchkey.db, elsewhere, { email, role: "viewer" });
  provider.users.set(email, { email, verified: true, inIdToken: true });
  await enter(page, email);
  await expect(page).toHaveURL(new RegExp(`/${organization.slug}/repos$`));
  expect((await page.goto(`/${elsewhere.slug}/repos`))?.status()).toBe(404);

  await page.context().clearCookies({ name: /latchkey/ });
  await page.goto(`/invite?token=${token}`);
  await page.getByRole("link", { name: "Sign in with single sign-on" }).click();
  await expect(page.getByText("and you are signed in")).toBeVisible();
  await page.getByRole("button", { name: "Join" }).click();
  await expect(page).toHaveURL(new RegExp(`/${elsewhere.slug}/repos$`));
  // The link of an invitation that was accepted leads on to what it was for.
  await page.goto(`/invite?token=${token}`);
  await expect(page).toHaveURL(new RegExp(`/${elsewhere.slug}/repos$`));
});

test("before JavaScript, too, and it is on record", async ({
  browser,
  baseURL,
  latchkey,
  provider,
  organization,
  member,
}) => {
  const { email } = await member("viewer");
  provider.users.set(email, { email, verified: true });
  const context = await browser.newContext({ baseURL, javaScriptEnabled: false });
  const page = await context.newPage();
  await enter(page, email);
  await expect(page).toHaveURL(`${baseURL}/${organization.slug}/repos`);
  const { payload } = await latchkey.db.auditEvent.findFirstOrThrow({
    where: { organizationId: organization.id, action: "member.signed_in" },
  });
  expect(JSON.parse(payload)).toMatchObject({ details: { email, method: "single_sign_on" } });
  await context.close();
});

test("who is unknown, unverified or another person is told why in a sentence, and is not in", async ({
  page,
  baseURL,
  latchkey,
  provider,
  organization,
  member,
}) => {
  const { email } = await member("viewer");
  provider.users.set(`nobody ${email}`, { email: address(), verified: true });
  provider.users.set(`unverified ${email}`, { email, verified: false });
  provider.users.set(`unverified-in-token ${email}`, { email, verified: false, inIdToken: true });
  provider.users.set(`first ${email}`, { email, verified: true });
  provider.users.set(`heir ${email}`, { email, verified: true });
  const told = async (name: string, sentence: string) => {
    const other = await anotherPage(page.context(), baseURL);
    await enter(other, `${name} ${email}`);
    await expect(other.getByRole("status").filter({ hasText: sentence })).toBeVisible();
    await other.goto("/account");
    await expect(other).toHaveURL(/\/sign-in\?next=/);
    await other.close();
  };
  await told("nobody", "nobody here is invited or known");
  await told("unverified", "does not say that it verified");
  await told("unverified-in-token", "does not say that it verified");
  await enter(page, `first ${email}`);
  await expect(page.getByRole("heading", { name: "Repositories" })).toBeVisible();
  await told("heir", "Another account of the identity provider is linked");
  const failures = async () => {
    const rows = await latchkey.db.auditEvent.findMany({
      where: { action: "member.sign_in_failed", organizationId: organization.id },
      orderBy: { seq: "asc" },
    });
    return rows.map(({ payload }) => (JSON.parse(payload) as { details: unknown }).details);
  };
  await expect.poll(failures).toEqual(["unverified", "unverified", "other_subject"].map((why) => ({ email, why })));
  const identities = await latchkey.db.identity.findMany({ where: { user: { email } } });
  expect(identities.map(({ subject }) => subject)).toEqual([`first ${email}`]);
});

test("the provider's answer is good once, in the browser that asked, and for what it asked", async ({
  page,
  playwright,
  baseURL,
  latchkey,
  provider,
  member,
}) => {
  const { email } = await member("viewer");
  provider.users.set(email, { email, verified: true });
  const sessions = () => latchkey.db.session.count({ where: { user: { email } } });
  const answer = await answerFor(page.request, baseURL, email);
  expect(answer.pathname).toBe(CALLBACK);

  // Somebody else's browser: with nothing of its own, and then with a state of its own and this code.
  const victim = await anotherPage(page.context(), baseURL);
  await victim.goto(answer.href);
  await expect(victim).toHaveURL(FAILED);
  const asked = await victim.request.get("/sign-in/single-sign-on", { maxRedirects: 0 });
  const injected = new URL(answer);
  injected.searchParams.set("state", new URL(asked.headers().location!).searchParams.get("state")!);
  await victim.goto(injected.href);
  await expect(victim).toHaveURL(FAILED);
  expect(await sessions()).toBe(0);

  // Who was never sent there costs the provider nothing, whatever they say that they were given.
  const before = provider.discoveries();
  const uninvited = await playwright.request.newContext({
    baseURL,
    extraHTTPHeaders: { cookie: "latchkey.sso-state=made-up" },
  });
  const told = await uninvited.get(answer.pathname + answer.search, { maxRedirects: 0 });
  expect([told.status(), told.headers().location]).toEqual([303, "/sign-in?refused=failed"]);
  expect(provider.discoveries()).toBe(before);
  await uninvited.dispose();

  await page.context().clearCookies();
  const fresh = await answerFor(page.request, baseURL, email);
  const cookies = await page.context().cookies();
  await page.goto(fresh.href);
  await expect(page.getByRole("heading", { name: "Repositories" })).toBeVisible();
  // The same answer again, with everything that the browser had when it was good.
  await victim.context().addCookies(cookies);
  await victim.goto(fresh.href);
  await expect(victim).toHaveURL(FAILED);
  expect(await sessions()).toBe(1);
  await victim.close();
});

test("nobody is sent there by another site's page, and what is kept meanwhile is out of reach for scripts", async ({
  request,
  provider,
}) => {
  const start = (site: string) =>
    request.get("/sign-in/single-sign-on?next=//evil.example", {
      headers: { "sec-fetch-site": site },
      maxRedirects: 0,
    });
  for (const site of ["cross-site", "same-site"]) {
    const answer = await start(site);
    expect([answer.status(), answer.headers().location]).toEqual([303, "/sign-in"]);
  }
  const answer = await start("same-origin");
  expect(answer.headers().location).toContain(`${provider.issuer}/auth?`);
  const cookies = answer.headersArray().filter(({ name }) => name.toLowerCase() === "set-cookie");
  expect(cookies.length).toBeGreaterThanOrEqual(4);
  for (const { value } of cookies) expect(value).toMatch(/^latchkey\.sso-.*HttpOnly/i);
  expect(cookies.map(({ value }) => decodeURIComponent(value)).join()).not.toContain("evil.example");
});

test("a second factor that an organization asks for is the provider's to ask", async ({
  page,
  latchkey,
  provider,
  organization,
  member,
}) => {
  const { email } = await member("viewer");
  provider.users.set(email, { email, verified: true });
  await latchkey.db.organization.update({ where: { id: organization.id }, data: { secondFactorRequired: true } });
  await enter(page, email);
  await expect(page.getByRole("heading", { name: "Repositories" })).toBeVisible();
});

test("an issuer that is not the configured one lets nobody in", async ({ page }) => {
  const port = await freePort();
  const provider = await startIdentityProvider(`http://localhost:${port}`);
  // The same server by another address: what is found there says that it is localhost.
  const issuer = provider.issuer.replace("localhost", "127.0.0.1");
  const latchkey = await startLatchkey({ ...provider.variables, AUTH_OIDC_ISSUER: issuer, PORT: String(port) });
  try {
    const email = address();
    const organization = await makeOrganization(latchkey.db, "acme");
    await makeMember(latchkey.db, organization, { email, password: PASSWORD, role: "viewer" });
    provider.users.set(email, { email, verified: true });
    await page.goto(`${latchkey.url}/sign-in`);
    await page.getByRole("link", { name: "Sign in with single sign-on" }).click();
    await signInThere(page, email);
    await expect(page).toHaveURL(FAILED);
    expect(latchkey.output()).toContain("OTHER_ISSUER");
    expect(await latchkey.db.identity.count()).toBe(0);
  } finally {
    await latchkey.stop();
    await provider.stop();
  }
});

test("a provider that is away is one sentence, and nothing of the secret is said", async ({ page }) => {
  const away = await startLatchkey({
    AUTH_OIDC_ISSUER: `http://localhost:${await freePort()}`,
    AUTH_OIDC_ID: "latchkey",
    AUTH_OIDC_SECRET: "a-secret-that-is-nowhere-said",
  });
  try {
    await page.goto(`${away.url}/sign-in`);
    await page.getByRole("link", { name: "Sign in with single sign-on" }).click();
    await expect(page.getByText("Single sign-on did not work")).toBeVisible();
    expect(away.output()).toContain("single sign-on failed");
    expect(away.output()).not.toContain("a-secret-that-is-nowhere-said");
  } finally {
    await away.stop();
  }
});

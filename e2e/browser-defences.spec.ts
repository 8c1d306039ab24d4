import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { freePort, startLatchkey } from "@/scripts/start-latchkey";
import { makeMember, makeOrganization } from "@/prisma/factories";
import { expect, PASSWORD, test as base } from "./support/fixtures";
import { startIdentityProvider } from "./support/identity-provider";
import { serverActions } from "./support/server-actions";
import { startTlsProxy } from "./support/tls-proxy";

/** Another site, on this machine: a page of one's own choosing at any path. */
const test = base.extend<{ otherSite: { port: number; show(html: string): void } }>({
  otherSite: async ({}, use) => {
    let page = "";
    const server = createServer((_, response) => response.setHeader("content-type", "text/html").end(page));
    await new Promise<void>((resolve) => server.listen(0, () => resolve()));
    await use({ port: (server.address() as AddressInfo).port, show: (html) => (page = html) });
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  },
});

// One is another site; the other is the same site on another port, to which a browser sends every cookie along.
for (const host of ["127.0.0.1", "localhost"]) {
  test(`a form on a page of ${host} does nothing in one's name`, async ({
    ownerPage: page,
    otherSite,
    baseURL,
    organization,
    latchkey,
  }) => {
    const home = `${baseURL}/${organization.slug}`;
    const signOut = `$ACTION_ID_${serverActions().get("(dashboard)#signOut")}`;
    const forms = [
      `<form method="post" enctype="multipart/form-data" action="${home}/repos"><input name="${signOut}"><button>Go</button></form>`,
      `<form method="post" action="${home}/settings/audit/export"><input name="format" value="csv"><button>Go</button></form>`,
    ];
    for (const form of forms) {
      otherSite.show(form);
      await page.goto(`http://${host}:${otherSite.port}/`);
      const [answer] = await Promise.all([
        page.waitForResponse((response) => response.request().method() === "POST"),
        page.getByRole("button", { name: "Go" }).click(),
      ]);
      expect(answer.status()).toBe(403);
      await expect(page.getByText("This form was sent by another site's page, so it was refused.")).toBeVisible();
    }
    await page.goto(`${home}/repos`);
    await expect(page.getByRole("heading", { name: "Repositories" })).toBeVisible();
    const exported = { organizationId: organization.id, action: "audit.exported" };
    expect(await latchkey.db.auditEvent.count({ where: exported })).toBe(0);
    // The very same form, from a page of ours, is taken.
    await page.evaluate((html) => document.body.insertAdjacentHTML("beforeend", html), forms[0]!);
    await page.getByRole("button", { name: "Go", exact: true }).click();
    await expect(page).toHaveURL(/\/sign-in$/);
  });
}

test("an older browser, which says where a form comes from only, is heard too", async ({
  ownerPage,
  baseURL,
  organization,
}) => {
  const send = (origin: string) =>
    ownerPage.request.post(`/${organization.slug}/settings/audit/export`, {
      headers: { origin },
      form: { format: "csv" },
    });
  for (const origin of ["https://evil.example", "null", `${baseURL}0`]) {
    expect((await send(origin)).status(), origin).toBe(403);
  }
  expect((await send(baseURL)).status()).toBe(200);
});

test("no page of ours shows in another site's frame", async ({ ownerPage: page, otherSite, baseURL, organization }) => {
  otherSite.show(`<iframe src="${baseURL}/${organization.slug}/repos"></iframe>`);
  await page.goto(`http://localhost:${otherSite.port}/`);
  await expect.poll(() => page.frames()[1]?.url()).toMatch(/^chrome-error:/);
});

base("under HTTPS every cookie is Secure and of this very host, and every answer says to stay", async ({ browser }) => {
  // A Latchkey of its own is started for it.
  base.slow();
  const tls = await startTlsProxy();
  const port = await freePort();
  tls.to(port);
  const provider = await startIdentityProvider(tls.url);
  const latchkey = await startLatchkey({ ...provider.variables, LATCHKEY_URL: tls.url, PORT: String(port) });
  try {
    const organization = await makeOrganization(latchkey.db, "acme");
    const email = "ada@example.com";
    const { userId } = await makeMember(latchkey.db, organization, { email, password: PASSWORD, role: "owner" });
    const context = await browser.newContext({ baseURL: tls.url, ignoreHTTPSErrors: true });
    const page = await context.newPage();
    await page.goto("/sign-in");
    await page.getByLabel("E-mail address").fill(email);
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("heading", { name: "Repositories" })).toBeVisible();
    await page.locator("summary").last().click();
    await page.getByRole("button", { name: "Dark" }).click();
    await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
    // A sign-in that waits for its code, and one that waits for the identity provider.
    const { keyId: masterKeyId } = await latchkey.db.masterKeyCheck.findFirstOrThrow();
    const factor = { userId, masterKeyId, sealed: new Uint8Array(8), confirmedAt: new Date() };
    await latchkey.db.secondFactor.create({ data: factor });
    const waiting = await browser.newContext({ baseURL: tls.url, ignoreHTTPSErrors: true });
    const code = await waiting.newPage();
    await code.goto("/sign-in");
    await code.getByLabel("E-mail address").fill(email);
    await code.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await code.getByRole("button", { name: "Sign in" }).click();
    await expect(code.getByRole("heading", { name: "Second factor" })).toBeVisible();
    const away = await waiting.request.get("/sign-in/single-sign-on", { maxRedirects: 0 });
    expect(away.headers().location).toContain(`${provider.issuer}/auth?`);

    const cookies = [...(await context.cookies()), ...(await waiting.cookies())];
    expect([...new Set(cookies.map(({ name }) => name))].sort()).toEqual([
      "__Host-latchkey.known-browser",
      "__Host-latchkey.pending-sign-in",
      "__Host-latchkey.session",
      "__Host-latchkey.sso-csrf",
      "__Host-latchkey.sso-next",
      "__Host-latchkey.sso-nonce",
      "__Host-latchkey.sso-state",
      "__Host-latchkey.sso-verifier",
      "__Host-latchkey.theme",
    ]);
    await waiting.close();
    for (const cookie of cookies) {
      expect(cookie).toMatchObject({ secure: true, httpOnly: true, sameSite: "Lax", path: "/", domain: "localhost" });
    }
    for (const path of ["/acme/repos", "/nowhere/at/all", "/api/v1/repos", "/api/health", "/icon.svg"]) {
      const { "strict-transport-security": hsts } = (await context.request.get(path)).headers();
      expect(hsts, path).toBe("max-age=31536000; includeSubDomains");
    }
    // The session's cookie under its plain name is nobody's.
    const session = cookies.find(({ name }) => name.endsWith(".session"))!;
    const plain = await browser.newContext({ baseURL: tls.url, ignoreHTTPSErrors: true });
    await plain.addCookies([{ ...session, name: "latchkey.session" }]);
    const answer = await plain.request.get("/acme/repos", { maxRedirects: 0 });
    expect(answer.headers().location).toContain("/sign-in");
    await plain.close();
    await context.close();
  } finally {
    await latchkey.stop();
    await provider.stop();
    await tls.stop();
  }
});

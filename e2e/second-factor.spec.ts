import type { Page } from "@playwright/test";
import { appCode } from "./support/authenticator";
import { anotherPage, expect, test } from "./support/fixtures";

/** Goes through the two steps of setting up; answers what the page showed once. */
async function setUp(page: Page, password: string) {
  await page.goto("/account");
  await page.getByRole("link", { name: "Set up a second factor" }).click();
  await expect(page.getByRole("heading", { name: "Second factor", level: 1 })).toBeVisible();
  await page.getByLabel("Current password").fill(password);
  await page.getByRole("button", { name: "Show the QR code" }).click();
  await expect(page.getByRole("img", { name: "QR code for an authenticator app" })).toBeVisible();
  const key = await page.getByText(/^[A-Z2-7]{32}$/).innerText();
  const codes = (await page.getByRole("region", { name: "the recovery codes" }).innerText()).trim().split(/\s+/);
  return { key, codes };
}

async function turnOn(page: Page, key: string) {
  await page.getByRole("textbox", { name: "Code" }).fill(appCode(key));
  await page.getByRole("button", { name: "Turn on" }).click();
  await expect(page.getByText("Your second factor is on")).toBeVisible();
}

async function passwordOnly(page: Page, who: { email: string; password: string }) {
  await page.goto("/sign-in");
  await page.getByLabel("E-mail address").fill(who.email);
  await page.getByLabel("Password", { exact: true }).fill(who.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Second factor" })).toBeVisible();
}

async function typeCode(page: Page, code: string) {
  await page.getByRole("textbox", { name: "Code" }).fill(code);
  await page.getByRole("button", { name: "Sign in" }).click();
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(`with JavaScript: ${javaScriptEnabled}`, () => {
    test.use({ javaScriptEnabled });

    test("set up, sign in with it, sign in without the app, turn off", async ({
      page,
      baseURL,
      browser,
      organization,
      member,
      signIn,
    }) => {
      const who = await member("admin");
      await signIn(page, who);
      const { key, codes } = await setUp(page, who.password);
      expect(codes).toHaveLength(10);
      // A wrong code says so, and what is in the app by now stays good.
      await page.getByRole("textbox", { name: "Code" }).fill("000000");
      await page.getByRole("button", { name: "Turn on" }).click();
      await expect(page.getByRole("alert").filter({ hasText: "This code is wrong" })).toBeVisible();
      await expect(page.getByRole("textbox", { name: "Code" })).toHaveValue("");
      await turnOn(page, key);
      expect(await page.content()).not.toContain(key);
      await page.reload();
      expect(await page.content()).not.toContain(codes[0]);

      const context = await browser.newContext({ baseURL, javaScriptEnabled });
      const elsewhere = await context.newPage();
      await passwordOnly(elsewhere, who);
      // The password alone opens nothing.
      await elsewhere.goto(`/${organization.slug}/repos`);
      await expect(elsewhere).toHaveURL(/\/sign-in\?next=/);
      await elsewhere.goto(`/sign-in/code?next=${encodeURIComponent(`/${organization.slug}/settings/members`)}`);
      const next = appCode(key, 1);
      await typeCode(elsewhere, next);
      await expect(elsewhere).toHaveURL(`${baseURL}/${organization.slug}/settings/members`);

      // The same code once more, from somebody who looked over the shoulder.
      await context.clearCookies();
      await passwordOnly(elsewhere, who);
      await typeCode(elsewhere, next);
      await expect(elsewhere.locator("form").getByRole("alert")).toContainText("was used already");
      await typeCode(elsewhere, codes[0]!);
      await expect(elsewhere.getByRole("heading", { name: "Repositories" })).toBeVisible();
      await elsewhere.goto("/account/second-factor");
      await expect(elsewhere.getByText("9 recovery codes are left")).toBeVisible();

      const renewal = elsewhere.getByRole("form", { name: "Make new recovery codes" });
      await renewal.getByLabel("Current password").fill(who.password);
      await renewal.getByLabel("Code").fill(codes[1]!);
      await renewal.getByRole("button", { name: "Make new codes" }).click();
      const renewed = elsewhere.getByRole("region", { name: "the recovery codes" });
      await expect(renewed).not.toContainText(codes[2]!);
      const fresh = (await renewed.innerText()).trim().split(/\s+/)[0]!;
      await elsewhere.goto("/account/second-factor");
      await expect(elsewhere.getByText("10 recovery codes are left")).toBeVisible();
      const off = elsewhere.getByRole("form", { name: "Turn off the second factor" });
      const turnOff = async (password: string, code: string) => {
        await off.getByLabel("Current password").fill(password);
        await off.getByLabel("Code").fill(code);
        await off.getByRole("button", { name: "Turn off" }).click();
      };
      await turnOff("something else entirely", fresh);
      await expect(off.getByRole("alert").filter({ hasText: "not your current password" })).toBeVisible();
      await turnOff(who.password, codes[3]!);
      await expect(off.getByRole("alert").filter({ hasText: "This code is wrong" })).toBeVisible();
      await turnOff(who.password, fresh);
      await expect(elsewhere.getByText("Your second factor is off")).toBeVisible();
      await context.clearCookies();
      await signIn(elsewhere, who);
      await elsewhere.goto(`/${organization.slug}/settings/audit`);
      for (const words of ["turned on", "turned off"]) {
        await expect(elsewhere.getByRole("cell", { name: `Second factor ${words}` })).toBeVisible();
      }
      // To sign in, for new ones, and to turn it off.
      await expect(elsewhere.getByRole("cell", { name: "Recovery code used" })).toHaveCount(3);
      await context.close();
    });
  });
}

test("twenty wrong codes are all for a day; a recovery code still works, and a right one does not", async ({
  page,
  member,
  signIn,
}) => {
  const who = await member("viewer");
  await signIn(page, who);
  const { key, codes } = await setUp(page, who.password);
  await turnOn(page, key);
  await page.context().clearCookies();
  await passwordOnly(page, who);
  const right = [-1, 0, 1, 2].map((steps) => appCode(key, steps));
  const wrong = Array.from({ length: 40 }, (_, index) => String(100_000 + index)).filter(
    (code) => !right.includes(code),
  );
  const alert = page.locator("form").getByRole("alert");
  for (const code of wrong.slice(0, 20)) {
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.request().method() === "POST"),
      typeCode(page, code),
    ]);
    expect(answer.status()).toBe(200);
  }
  await expect(alert).toContainText("This code is wrong");
  await typeCode(page, appCode(key, 1));
  await expect(alert).toContainText("Too many attempts. Try again in 24 hours.");
  await typeCode(page, codes[3]!);
  await expect(page.getByRole("heading", { name: "Repositories" })).toBeVisible();
});

test("codes to turn it on with are counted, too", async ({ page, member, signIn, latchkey }) => {
  const who = await member("viewer");
  await signIn(page, who);
  const { key } = await setUp(page, who.password);
  const { id } = await latchkey.db.user.findUniqueOrThrow({ where: { email: who.email } });
  const turningOn = page.getByRole("form", { name: "Turn on" });
  await turningOn.getByLabel("Code").fill("000000");
  await turningOn.getByRole("button", { name: "Turn on" }).click();
  await expect(turningOn.getByRole("alert").filter({ hasText: "This code is wrong" })).toBeVisible();
  const where = { key: `sign-in-code:${id}` };
  expect(await latchkey.db.rateLimiterFlexible.update({ where, data: { points: 20 } })).toMatchObject({ points: 20 });
  await turningOn.getByLabel("Code").fill(appCode(key));
  await turningOn.getByRole("button", { name: "Turn on" }).click();
  await expect(turningOn.getByRole("alert").filter({ hasText: "Too many attempts" })).toBeVisible();
});

test("an organization that asks for one leads its members to it before anything else there", async ({
  page,
  baseURL,
  latchkey,
  organization,
  member,
  signIn,
}) => {
  const owner = await member("owner");
  const viewer = await member("viewer");
  await signIn(page, owner);
  await page.goto(`/${organization.slug}/settings/organization`);
  await expect(page.getByText("2 of 2 members have none")).toBeVisible();
  await page.getByRole("button", { name: "Require a second factor" }).click();
  await expect(page.locator("form").getByRole("alert")).toContainText("Turn on your own second factor first");
  const { key } = await setUp(page, owner.password);
  await turnOn(page, key);

  const other = await anotherPage(page.context(), baseURL);
  await signIn(other, viewer);
  await other.goto(`/${organization.slug}/repos`);
  await page.goto(`/${organization.slug}/settings/organization`);
  await expect(page.getByText("1 of 2 members have none")).toBeVisible();
  await page.getByRole("button", { name: "Require a second factor" }).click();
  await expect(page.getByRole("heading", { name: "A second factor is required" })).toBeVisible();

  // The very next click, whatever it is: a page, or the search that a page sends.
  for (const path of ["repos", "settings/members", "settings/signing-keys", "attention"]) {
    await other.goto(`/${organization.slug}/${path}`);
    await expect(other).toHaveURL(`${baseURL}/account/second-factor?for=${organization.slug}`);
  }
  await expect(other.getByText(`${organization.slug} asks its members for a second factor`)).toBeVisible();
  const download = await other.request.post(`/${organization.slug}/settings/audit/export`, {
    form: { format: "csv" },
    maxRedirects: 0,
  });
  expect(download.headers().location).toBe(`/account/second-factor?for=${organization.slug}`);
  const set = await setUp(other, viewer.password);
  await turnOn(other, set.key);
  await other.goto(`/${organization.slug}/repos`);
  await expect(other.getByRole("heading", { name: "Repositories" })).toBeVisible();
  // Without it again, the way is closed at once.
  const off = other.getByRole("form", { name: "Turn off the second factor" });
  await other.goto("/account/second-factor");
  await off.getByLabel("Current password").fill(viewer.password);
  await off.getByLabel("Code").fill(set.codes[0]!);
  await off.getByRole("button", { name: "Turn off" }).click();
  await expect(other.getByText("Your second factor is off")).toBeVisible();
  await other.goto(`/${organization.slug}/repos`);
  await expect(other).toHaveURL(/second-factor\?for=/);

  await page.getByRole("button", { name: "Require it no longer" }).click();
  await expect(page.getByRole("heading", { name: "is not required" })).toBeVisible();
  await other.goto(`/${organization.slug}/repos`);
  await expect(other.getByRole("heading", { name: "Repositories" })).toBeVisible();
  const actions = await latchkey.db.auditEvent.findMany({
    where: { organizationId: organization.id, action: "organization.second_factor_rule_changed" },
  });
  expect(actions).toHaveLength(2);
  await other.close();
});

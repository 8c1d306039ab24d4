import type { Page } from "@playwright/test";
import { makeRepository } from "@/prisma/factories";
import { callApi } from "./support/api";
import { appCode } from "./support/authenticator";
import { axeFindings } from "./support/axe-findings";
import { expect, PASSWORD, test } from "./support/fixtures";

const SIZES = [
  { width: 1280, height: 900 },
  { width: 360, height: 740 },
];

/** What another colour scheme can break: all else on the page is the same, and was looked at. */
const OF_COLOURS = ["color-contrast", "link-in-text-block"];

/** Dozens of pages one after the other, each looked at four times. */
const LONG_MS = 420_000;

async function expectNoFindings(page: Page, path: string) {
  await page.goto(path);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const size of SIZES) {
      await page.setViewportSize(size);
      const findings = await axeFindings(page, colorScheme === "dark" ? OF_COLOURS : undefined);
      expect(findings, `${path} ${colorScheme} ${size.width}`).toEqual([]);
      const wide = await page.evaluate(
        () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
      );
      expect(wide, `${path} is wider than ${size.width}`).toBe(false);
    }
  }
}

test("axe finds nothing on the pages before signing in", async ({ page }) => {
  test.setTimeout(LONG_MS);
  for (const path of [
    "/sign-in",
    "/sign-in?refused=unknown",
    "/setup?token=used",
    "/invite?token=used",
    "/reset?token=used",
    "/docs/api",
    "/no/page",
  ]) {
    await expectNoFindings(page, path);
  }
});

test("axe finds nothing on the repositories and credential pages", async ({
  ownerPage: page,
  latchkey,
  organization,
  key,
}) => {
  test.setTimeout(LONG_MS);
  const base = `/${organization.slug}`;
  await expectNoFindings(page, `${base}/repos`);
  await makeRepository(latchkey.db, organization, "team/without");
  await makeRepository(latchkey.db, organization, "no-upstream", null);
  const { id } = await makeRepository(latchkey.db, organization, "team/with");
  await callApi(page.request, "createCredential", { token: await key.token(), body: { repo_id: id, password: "x" } });
  const unreadable = await makeRepository(latchkey.db, organization, "team/unreadable");
  await callApi(page.request, "createCredential", {
    token: await key.token(),
    body: { repo_id: unreadable.id, username: "robot", password: "x" },
  });
  await latchkey.db.gitCredential.updateMany({
    where: { repositoryId: unreadable.id },
    data: { unreadableAt: new Date() },
  });
  for (const path of [
    "/repos",
    "/repos?q=nothing",
    "/attention",
    "/attention?reason=missing",
    "/repos/new",
    "/repos/team%2Fwith",
    "/repos/team%2Fwith/settings",
    "/repos/team%2Fwith/settings?act=delete",
    "/repos/team%2Fwith/settings/credential",
    "/repos/team%2Fwith/settings/credential?act=rotate",
    "/repos/team%2Fwith/settings/credential?act=rotate_all",
    "/repos/team%2Fwith/settings/credential?act=remove&done=added",
    "/repos/team%2Fwithout/settings/credential",
    "/repos/team%2Funreadable/settings/credential?act=rotate",
    "/repos/no-upstream/settings/credential",
  ]) {
    await expectNoFindings(page, base + path);
  }
});

test("axe finds nothing on the settings pages", async ({
  ownerPage: page,
  organization,
  gitHost,
  key,
  member,
  latchkey,
}) => {
  test.setTimeout(LONG_MS);
  await member("viewer");
  const added = await callApi(page.request, "createWebhook", {
    token: await key.token(),
    body: {
      url: `https://${gitHost.host}/hooks`,
      secret: "a secret of sixteen".replaceAll(" ", "-"),
      events: ["repo.sync.failed"],
    },
  });
  const { id: webhook } = (await added.json()) as { id: string };
  const { userId } = await latchkey.db.membership.findFirstOrThrow({ where: { organizationId: organization.id } });
  const mail = { organizationId: organization.id, userId, event: "test", body: "It is a test." };
  const subject = `[${organization.slug}] Credential rejected: ${"a-long-name/".repeat(8)}`;
  await latchkey.db.mailDelivery.createMany({
    data: [
      { ...mail, id: "mail_a", subject, state: "delivered" },
      { ...mail, id: "mail_b", subject, state: "given_up", reason: "no_tls" },
    ],
  });
  const base = `/${organization.slug}/settings`;
  for (const path of [
    `${base}/signing-keys`,
    `${base}/signing-keys?revoke=${key.id}`,
    `${base}/signing-keys/check`,
    `${base}/members`,
    `${base}/organization`,
    `${base}/notices`,
    `${base}/notices?done=asked`,
    `${base}/webhooks`,
    `${base}/webhooks/${webhook}`,
    `${base}/webhooks/${webhook}?act=remove&done=added`,
    `${base}/audit`,
    "/account",
    "/account/second-factor",
    "/account/second-factor?for=acme",
  ]) {
    await expectNoFindings(page, path);
  }
  await page.getByLabel("Current password").fill(PASSWORD);
  await page.getByRole("button", { name: "Show the QR code" }).click();
  await expect(page.getByRole("img", { name: "QR code" })).toBeVisible();
  expect(await axeFindings(page)).toEqual([]);
  const appKey = await page.getByText(/^[A-Z2-7]{32}$/).innerText();
  await page.getByRole("textbox", { name: "Code" }).fill(appCode(appKey));
  await page.getByRole("button", { name: "Turn on" }).click();
  await expect(page.getByText("Your second factor is on")).toBeVisible();
  await expectNoFindings(page, "/account/second-factor?done=on");
});

test("axe finds nothing on the pages of an import", async ({ ownerPage: page, organization, gitHost }) => {
  test.setTimeout(LONG_MS);
  const base = `/${organization.slug}/import`;
  await expectNoFindings(page, base);
  const lines = [
    `https://${gitHost.host}/acme/app.git,bot,wrong`,
    `https://${gitHost.host}/acme/site.git`,
    "no address,bot,x",
  ];
  await page.getByRole("textbox", { name: "Lines" }).fill(lines.join("\n"));
  await page.getByLabel("Other hosts run").selectOption("gitlab");
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByText("3 lines: 2 to import")).toBeVisible();
  const { pathname } = new URL(page.url());
  await expectNoFindings(page, pathname);
  await page.getByRole("button", { name: "Import 2 lines" }).click();
  await expect(page.getByRole("heading", { name: "Finished" })).toBeVisible({ timeout: 30_000 });
  await expectNoFindings(page, pathname);
  await expectNoFindings(page, base);
});

test("axe finds nothing in the opened menus", async ({ ownerPage: page, organization }) => {
  await page.goto(`/${organization.slug}/repos`);
  await page.locator("summary").last().click();
  expect(await axeFindings(page)).toEqual([]);
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("dialog").getByRole("option").first()).toBeVisible();
  expect(await axeFindings(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await page.setViewportSize({ width: 360, height: 740 });
  await page.getByRole("button", { name: "Open the menu" }).click();
  await expect(page.getByRole("link", { name: "Signing keys" })).toBeVisible();
  expect(await axeFindings(page)).toEqual([]);
});

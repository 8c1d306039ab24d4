import { createHash, randomBytes } from "node:crypto";
import { makeInvitation, makeOrganization } from "@/prisma/factories";
import { anotherPage, expect, PASSWORD, test } from "./support/fixtures";

test("invite, join, change the role, remove", async ({ ownerPage, baseURL, organization }) => {
  const members = `/${organization.slug}/settings/members`;
  const email = `new-${randomBytes(4).toString("hex")}@example.com`;
  await ownerPage.goto(members);
  await ownerPage.getByLabel("E-mail address").fill(email);
  await ownerPage.getByRole("button", { name: "Make an invitation link" }).click();
  const link = await ownerPage.getByText(/\/invite\?token=/).innerText();

  const guest = await anotherPage(ownerPage.context(), baseURL);
  await guest.goto(link);
  await guest.getByLabel("Password", { exact: true }).fill("short");
  await guest.getByRole("button", { name: "Join" }).click();
  await expect(guest.locator("form").getByRole("alert")).toContainText("at least 12 characters");
  await guest.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await guest.getByRole("button", { name: "Join" }).click();
  await guest.waitForURL(`**/${organization.slug}/repos`);
  await guest.goto(members);
  await expect(guest.getByRole("button", { name: "Make an invitation link" })).toHaveCount(0);

  const row = ownerPage.getByRole("row").filter({ hasText: email });
  await ownerPage.goto(members);
  await row.getByRole("combobox").selectOption("admin");
  await row.getByRole("button", { name: "Change" }).click();
  await expect(ownerPage.getByText("The role is changed")).toBeVisible();
  // The very next click of the other one has the new role.
  await guest.goto(members);
  await expect(guest.getByRole("button", { name: "Make an invitation link" })).toBeVisible();
  // An admin makes no owners.
  await expect(guest.getByLabel("Role", { exact: true }).locator("option")).toHaveText(["viewer", "admin"]);

  // Demoted, it has no more than that: not on the next page, and not by the form that it still shows.
  await row.getByRole("combobox").selectOption("viewer");
  await Promise.all([
    ownerPage.waitForResponse((response) => response.request().method() === "POST"),
    row.getByRole("button", { name: "Change" }).click(),
  ]);
  await guest.getByLabel("E-mail address").fill(`friend-${email}`);
  await guest.getByRole("button", { name: "Make an invitation link" }).click();
  await expect(guest.getByText("Your role in this organization does not allow this")).toBeVisible();
  await guest.goto(members);
  await expect(guest.getByRole("button", { name: "Make an invitation link" })).toHaveCount(0);

  await row.getByRole("link", { name: "Remove…" }).click();
  await expect(ownerPage.getByRole("link", { name: "Cancel" })).toBeFocused();
  await ownerPage.getByRole("button", { name: "Remove member" }).click();
  await expect(ownerPage.getByText("The member is removed")).toBeVisible();
  expect((await guest.goto(members))?.status()).toBe(404);
  await guest.close();
});

test("the last owner stays", async ({ ownerPage, organization }) => {
  await ownerPage.goto(`/${organization.slug}/settings/members`);
  await ownerPage.getByRole("link", { name: "Remove…" }).click();
  await ownerPage.getByRole("button", { name: "Remove member" }).click();
  await expect(ownerPage.locator("form").getByRole("alert")).toContainText("needs an owner");
});

test("a withdrawn invitation lets nobody in", async ({ ownerPage, organization }) => {
  await ownerPage.goto(`/${organization.slug}/settings/members`);
  await ownerPage.getByLabel("E-mail address").fill(`late-${randomBytes(4).toString("hex")}@example.com`);
  await ownerPage.getByRole("button", { name: "Make an invitation link" }).click();
  const link = await ownerPage.getByText(/\/invite\?token=/).innerText();
  await ownerPage.getByRole("button", { name: "Withdraw the invitation" }).click();
  await expect(ownerPage.getByText("The invitation is withdrawn")).toBeVisible();
  await ownerPage.goto(link);
  await expect(ownerPage.getByRole("heading", { name: "no longer open" })).toBeVisible();
});

test("an invitation is not accepted by a password that waits for its code", async ({
  page,
  latchkey,
  organization,
  member,
}) => {
  const { email, password } = await member("viewer");
  const elsewhere = await makeOrganization(latchkey.db, `${organization.slug}-b`);
  const { token } = await makeInvitation(latchkey.db, elsewhere, { email, role: "viewer" });
  const { id: userId } = await latchkey.db.user.findUniqueOrThrow({ where: { email } });
  const recoveryCode = "abcd-efgh-ijkl-mnop";
  await latchkey.db.secondFactor.create({
    data: {
      userId,
      masterKeyId: (await latchkey.db.masterKeyCheck.findFirstOrThrow()).keyId,
      sealed: new Uint8Array(8),
      confirmedAt: new Date(),
      recoveryCodes: { create: { codeHash: createHash("sha256").update("abcdefghijklmnop").digest("hex") } },
    },
  });
  const joined = () => latchkey.db.membership.count({ where: { userId, organizationId: elsewhere.id } });
  await page.goto(`/invite?token=${token}`);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Join" }).click();
  await expect(page.getByRole("heading", { name: "Second factor" })).toBeVisible();
  expect(await joined()).toBe(0);
  await page.getByRole("textbox", { name: "Code" }).fill(recoveryCode);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Join" }).click();
  await page.waitForURL(`**/${elsewhere.slug}/repos`);
  expect(await joined()).toBe(1);
});

test("an invitation's page is the same for an address that can sign in already and for one that cannot", async ({
  page,
  latchkey,
  organization,
  member,
}) => {
  const { email } = await member("viewer");
  const elsewhere = await makeOrganization(latchkey.db, `${organization.slug}-b`);
  const shown: string[] = [];
  for (const invited of [email, `nobody-${email}`]) {
    const { token } = await makeInvitation(latchkey.db, elsewhere, { email: invited, role: "viewer" });
    await page.goto(`/invite?token=${token}`);
    await page.getByLabel("Password", { exact: true }).fill("too short");
    await page.getByRole("button", { name: "Join" }).click();
    await expect(page.locator("form").getByRole("alert")).toBeVisible();
    shown.push((await page.locator("main").ariaSnapshot()).replace(invited, "the address"));
  }
  expect(shown[1]).toBe(shown[0]);
});

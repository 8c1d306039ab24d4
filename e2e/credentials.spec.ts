import { randomBytes } from "node:crypto";
import { makeOrganization, makeRepository } from "@/prisma/factories";
import { callApi } from "./support/api";
import { anotherPage, expect, test } from "./support/fixtures";

const secret = () => randomBytes(20).toString("hex");

test("add, rotate and remove on the page", async ({ ownerPage: page, latchkey, organization, mirrored, hostToken }) => {
  const { id: repositoryId } = await mirrored("team/app");
  const address = `/${organization.slug}/repos/team%2Fapp/settings/credential`;
  await page.goto(address);
  await expect(page.getByText("read_repository")).toBeVisible();
  await expect(page.getByLabel("Username")).toHaveValue("oauth2");
  await page.getByLabel("Token or password").fill(hostToken());
  await page.getByRole("button", { name: "Add credential" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Stored, and sealed" })).toBeVisible();
  const stored = await latchkey.db.gitCredential.findFirstOrThrow({ where: { repositoryId } });
  await expect(page.getByText(stored.id, { exact: true })).toBeVisible();

  await page.getByRole("link", { name: "Rotate", exact: true }).click();
  await expect(page.getByLabel("New token or password")).toBeFocused();
  await expect(page.getByLabel("New token or password")).toHaveValue("");
  await page.getByLabel("New token or password").fill(hostToken());
  await page.getByLabel("Username", { exact: true }).selectOption("replace");
  await page.getByLabel("New username").fill("robot");
  await page.getByRole("button", { name: "Rotate credential" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Rotated." })).toBeVisible();
  const rotated = await latchkey.db.gitCredential.findFirstOrThrow({ where: { repositoryId } });
  expect(rotated).toMatchObject({ id: stored.id, currentVersion: 2, usernameHint: "robot" });
  await expect(page.getByText("Credential rotated (version 2)")).toBeVisible();

  await page.getByRole("link", { name: "Remove…" }).click();
  await expect(page.getByRole("link", { name: "Cancel" })).toBeFocused();
  await page.getByRole("button", { name: "Remove credential" }).click();
  await expect(page.locator("form").getByRole("alert")).toContainText("Type the name exactly: team/app");
  await page.getByLabel("Type the repository's name to confirm").fill("team/app");
  await page.getByRole("button", { name: "Remove credential" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Removed." })).toBeVisible();
  expect(await latchkey.db.gitCredential.count({ where: { repositoryId } })).toBe(0);
  expect(await latchkey.db.credentialSecret.count({ where: { credentialId: stored.id } })).toBe(0);
});

test("a token of another host is noticed before it is sent, and sent only when asked for", async ({
  ownerPage: page,
  latchkey,
  organization,
  gitHost,
  mirrored,
}) => {
  const { id: repositoryId } = await mirrored("app");
  const token = `ghp_${secret()}`;
  gitHost.tokens.set(token, "write");
  await page.goto(`/${organization.slug}/repos/app/settings/credential`);
  const posts: string[] = [];
  page.on("request", (request) => request.method() === "POST" && posts.push(request.url()));
  await page.getByLabel("Token or password").fill(token);
  await expect(page.getByText("This looks like a token of GitHub").first()).toBeVisible();
  await page.getByRole("button", { name: "Add credential" }).click();
  await expect(page.locator("form").getByRole("alert")).toContainText("Nothing was sent");
  expect(posts).toEqual([]);
  await page.getByLabel("Store it anyway").check();
  await page.getByRole("button", { name: "Add credential" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Stored, and sealed" })).toBeVisible();
  expect(await latchkey.db.gitCredential.count({ where: { repositoryId } })).toBe(1);
});

test("pasted blanks and line ends are dropped and spoken of", async ({ ownerPage: page, latchkey, organization }) => {
  await makeRepository(latchkey.db, organization, "app");
  await page.goto(`/${organization.slug}/repos/app/settings/credential`);
  const field = page.getByLabel("Token or password");
  await field.evaluate((input) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text", "  some-token \n");
    input.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  });
  await expect(field).toHaveValue("some-token");
  await expect(page.getByText("Blanks or line ends")).toBeVisible();
  await page.getByRole("button", { name: "Show what is typed" }).click();
  await expect(field).toHaveAttribute("type", "text");
});

test("a refusal keeps what was typed, except the secret", async ({
  ownerPage: page,
  organization,
  key,
  mirrored,
  hostToken,
}) => {
  const { id } = await mirrored("app");
  await page.goto(`/${organization.slug}/repos/app/settings/credential`);
  // Meanwhile a script stores one.
  await callApi(page.request, "createCredential", {
    token: await key.token(),
    body: { repo_id: id, password: secret() },
  });
  await page.getByLabel("Username").fill("robot");
  await page.getByLabel("Token or password").fill(hostToken());
  await page.getByRole("button", { name: "Add credential" }).click();
  await expect(page.locator("form").getByRole("alert")).toContainText("already has a credential");
  await expect(page.locator("form").getByRole("alert")).toBeFocused();
  await expect(page.getByLabel("Username")).toHaveValue("robot");
  await expect(page.getByLabel("Token or password")).toHaveValue("");
});

test("a viewer sees and cannot change; a stranger sees nothing; the owner is not refused", async ({
  ownerPage,
  baseURL,
  latchkey,
  organization,
  member,
  signIn,
}) => {
  await makeRepository(latchkey.db, organization, "app");
  const address = `/${organization.slug}/repos/app/settings/credential`;
  await ownerPage.goto(address);
  await expect(ownerPage.getByRole("button", { name: "Add credential" })).toBeVisible();

  const viewer = await anotherPage(ownerPage.context(), baseURL);
  await signIn(viewer, await member("viewer"));
  await viewer.goto(address);
  await expect(viewer.getByText("Your role is viewer")).toBeVisible();
  await expect(viewer.getByRole("button", { name: "Add credential" })).toHaveCount(0);
  await viewer.goto(`/${organization.slug}/repos/new`);
  await expect(viewer.getByRole("heading", { name: "Your role does not allow this" })).toBeVisible();
  await viewer.goto(`/${organization.slug}/settings/audit`);
  await expect(viewer.getByRole("heading", { name: "Your role does not allow this" })).toBeVisible();

  const stranger = await anotherPage(ownerPage.context(), baseURL);
  const elsewhere = await makeOrganization(latchkey.db, `org-${randomBytes(5).toString("hex")}`);
  await signIn(stranger, await member("viewer"));
  await latchkey.db.membership.deleteMany({ where: { role: "viewer", organizationId: organization.id } });
  for (const slug of [organization.slug, elsewhere.slug, "never-was"]) {
    expect((await stranger.goto(`/${slug}/repos/app/settings/credential`))?.status(), slug).toBe(404);
  }
  await viewer.close();
  await stranger.close();
});

test("a viewer who replays an owner's request is refused", async ({
  ownerPage,
  baseURL,
  latchkey,
  organization,
  member,
  signIn,
  mirrored,
  hostToken,
}) => {
  const { id: repositoryId } = await mirrored("app");
  await ownerPage.goto(`/${organization.slug}/repos/app/settings/credential`);
  await ownerPage.getByLabel("Token or password").fill(hostToken());
  const [sent] = await Promise.all([
    ownerPage.waitForRequest((request) => request.method() === "POST"),
    ownerPage.getByRole("button", { name: "Add credential" }).click(),
  ]);
  await expect(ownerPage.getByText("Stored, and sealed")).toBeVisible();
  const { "next-action": action, "content-type": contentType } = sent.headers();
  const body = sent.postDataBuffer()!;
  await latchkey.db.gitCredential.deleteMany({ where: { repositoryId } });

  const viewer = await anotherPage(ownerPage.context(), baseURL);
  await signIn(viewer, await member("viewer"));
  const replay = (page: typeof viewer) =>
    page.request.post(`/${organization.slug}/repos/app/settings/credential`, {
      headers: { "next-action": action!, "content-type": contentType! },
      data: body,
    });
  expect(await (await replay(viewer)).text()).toContain("Your role in this organization does not allow this");
  expect(await latchkey.db.gitCredential.count({ where: { repositoryId } })).toBe(0);
  // The very same request, from the owner, stores it: the refusal was for the role.
  await replay(ownerPage);
  expect(await latchkey.db.gitCredential.count({ where: { repositoryId } })).toBe(1);
  await viewer.close();
});

test("by keyboard alone", async ({ ownerPage: page, latchkey, organization, mirrored, hostToken }) => {
  const { id: repositoryId } = await mirrored("keyboard/only");
  await page.goto(`/${organization.slug}/repos`);
  await expect(page.getByRole("link", { name: "keyboard/only" })).toBeVisible();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("keyboard");
  await expect(page.getByRole("option", { name: "keyboard/only" })).toBeVisible();
  await page.keyboard.press("Enter");
  await page.waitForURL(/keyboard%2Fonly$/);
  const tabTo = async (name: string) => {
    const target = page.getByRole("main").getByRole("link", { name, exact: true });
    await target.waitFor();
    await page.locator("#content").focus();
    await expect(async () => {
      await page.keyboard.press("Tab");
      await expect(target).toBeFocused({ timeout: 1 });
    }).toPass({ intervals: [0] });
  };
  await tabTo("Credential");
  await page.keyboard.press("Enter");
  await page.waitForURL(/credential$/);
  await page.getByRole("button", { name: "Add credential" }).waitFor();
  await page.getByLabel("Username").focus();
  await page.keyboard.press("Tab");
  await page.keyboard.type(hostToken());
  await page.keyboard.press("Enter");
  await expect(page.getByRole("status").filter({ hasText: "Stored, and sealed" })).toBeVisible();
  expect(await latchkey.db.gitCredential.count({ where: { repositoryId } })).toBe(1);
});

test.describe("before JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("sign in, add, rotate and remove", async ({ ownerPage: page, latchkey, organization, mirrored, hostToken }) => {
    const { id: repositoryId } = await mirrored("plain");
    await page.goto(`/${organization.slug}/repos/plain/settings/credential`);
    await page.getByLabel("Token or password").fill(hostToken());
    await page.getByRole("button", { name: "Add credential" }).click();
    await expect(page.getByText("Stored, and sealed")).toBeVisible();
    expect(page.url()).not.toContain("password");
    await page.getByRole("link", { name: "Rotate", exact: true }).click();
    await page.getByRole("button", { name: "Rotate credential" }).click();
    await expect(page.locator("form").getByRole("alert")).toContainText("The password or token is required");
    await page.getByLabel("New token or password").fill(hostToken());
    await page.getByRole("button", { name: "Rotate credential" }).click();
    await expect(page.getByText("Rotated. The new secret")).toBeVisible();
    await page.getByRole("link", { name: "Remove…" }).click();
    await page.getByLabel("Type the repository's name to confirm").fill("plain");
    await page.getByRole("button", { name: "Remove credential" }).click();
    await expect(page.getByText("Removed. The secret is erased")).toBeVisible();
    expect(await latchkey.db.gitCredential.count({ where: { repositoryId } })).toBe(0);
  });
});

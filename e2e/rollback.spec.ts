import type { Page } from "@playwright/test";
import { callApi } from "./support/api";
import { expect, test } from "./support/fixtures";

async function add(page: Page, address: string, token: string): Promise<void> {
  await page.goto(address);
  await page.getByLabel("Token or password").fill(token);
  await page.getByRole("button", { name: "Add credential" }).click();
  await expect(page.getByText("Stored, and sealed to this upstream.")).toBeVisible();
}

async function rotate(page: Page, token: string, { untested = false } = {}): Promise<void> {
  await page.getByRole("link", { name: "Rotate" }).click();
  await page.getByLabel("New token or password").fill(token);
  await page.getByRole("button", { name: "Rotate credential" }).click();
  if (!untested) return;
  await page.getByLabel("Save without testing").check();
  await page.getByLabel("New token or password").fill(token);
  await page.getByRole("button", { name: "Rotate credential" }).click();
}

test("a weaker secret is not put in place, and one goes back to the previous one in one click", async ({
  ownerPage: page,
  latchkey,
  organization,
  mirrored,
  hostToken,
}) => {
  const { id: repositoryId } = await mirrored("app");
  const [first, second] = [hostToken("write"), hostToken("write")];
  await add(page, `/${organization.slug}/repos/app/settings/credential`, first);
  await rotate(page, hostToken("read"));
  await expect(page.getByText("lets it read but not write, and the current one may write").first()).toBeVisible();
  await page.getByRole("link", { name: "Cancel" }).click();
  await rotate(page, second);
  await expect(page.getByText("Rotated. The new secret is in its place.")).toBeVisible();
  await expect(page.getByText("Previous secret")).toBeVisible();
  await page.getByRole("button", { name: "Roll back" }).click();
  await expect(page.getByText("Rolled back.")).toBeVisible();
  await expect(page.getByText("Credential rolled back")).toBeVisible();
  const row = () => latchkey.db.gitCredential.findFirstOrThrow({ where: { repositoryId } });
  expect(await row()).toMatchObject({ currentVersion: 4, previousVersion: 3, testOutcome: "reads_and_writes" });
  await page.getByRole("button", { name: "Erase it now" }).click();
  await expect(page.getByText("Erased. There is no way back")).toBeVisible();
  await expect(page.getByRole("button", { name: "Roll back" })).toHaveCount(0);
  expect(await latchkey.db.credentialSecret.count({ where: { credential: { repositoryId } } })).toBe(1);
});

test("a secret that the host rejects at its first pull is taken back by itself, and the page says so", async ({
  ownerPage: page,
  organization,
  mirrored,
  hostToken,
}) => {
  await mirrored("app");
  const address = `/${organization.slug}/repos/app`;
  await add(page, `${address}/settings/credential`, hostToken("write"));
  await rotate(page, "glpat-mistyped-and-not-tested", { untested: true });
  await expect(page.getByText("Rotated. The new secret is in its place.")).toBeVisible();
  await page.goto(address);
  await page.getByRole("button", { name: "Pull now" }).click();
  await expect(page.getByText("Pulled:").or(page.getByText("Up to date:"))).toBeVisible();
  await page.goto(`${address}/settings/credential`);
  await expect(page.getByText("so Latchkey went back to this one")).toBeVisible();
  await expect(page.getByText("Credential rolled back")).toBeVisible();
});

test("a secret that was left waiting is shown, and can be used or discarded", async ({
  ownerPage: page,
  latchkey,
  organization,
  mirrored,
  hostToken,
}) => {
  const { id: repositoryId } = await mirrored("app");
  await add(page, `/${organization.slug}/repos/app/settings/credential`, hostToken("write"));
  // As a process leaves it that is killed between sealing and testing; the blob is another's, so it does not open.
  const { id } = await latchkey.db.gitCredential.findFirstOrThrow({ where: { repositoryId } });
  const { sealed, masterKeyId } = await latchkey.db.credentialSecret.findFirstOrThrow({ where: { credentialId: id } });
  await latchkey.db.credentialSecret.create({ data: { credentialId: id, version: 2, sealed, masterKeyId } });
  await latchkey.db.gitCredential.update({
    where: { id },
    data: { lastVersion: 2, pendingVersion: 2, pendingBy: "ada@example.com", pendingAt: new Date() },
  });
  await page.reload();
  await expect(page.getByText("A new secret by ada@example.com waits for its test")).toBeVisible();
  await page.getByRole("button", { name: "Test it, and use it if it passes" }).click();
  await expect(page.getByText("The stored secret cannot be opened.").first()).toBeVisible();
  await page.getByRole("button", { name: "Discard it" }).click();
  await expect(page.getByText("Discarded.")).toBeVisible();
  await expect(page.getByText("waits for its test")).toHaveCount(0);
});

test("scripts roll back, and rotate only the version that they know", async ({ request, key, mirrored, hostToken }) => {
  const { id: repo_id } = await mirrored("app");
  const token = await key.token();
  const body = { repo_id, password: hostToken("write") };
  const created = await callApi(request, "createCredential", { token, body });
  const receipt = (await created.json()) as { id: string; created_at: string };
  const params = { repo_name: "app", id: receipt.id };
  const rollBack = (headers?: Record<string, string>) =>
    callApi(request, "rollBackRepositoryCredential", { token, params, headers });
  const nothing = await rollBack();
  expect(nothing.status()).toBe(409);
  expect(await nothing.json()).toMatchObject({ code: "no_previous" });
  const rotateIf = (version: string) =>
    callApi(request, "rotateCredential", {
      token,
      body: { id: receipt.id, password: "wrong" },
      headers: { "if-match": version },
    });
  expect((await rotateIf('"7"')).status()).toBe(412);
  expect((await rotateIf("abc")).status()).toBe(400);
  expect((await rotateIf('"1"')).status()).toBe(200);
  const late = await rotateIf('"1"');
  expect(late.status()).toBe(412);
  expect(await late.json()).toMatchObject({ code: "version_mismatch", version: 2 });
  const back = await rollBack({ "if-match": '"2"' });
  expect(back.status()).toBe(200);
  expect(await back.json()).toEqual(receipt);
  const read = await callApi(request, "readRepositoryCredential", { token, params });
  expect(await read.json()).toMatchObject({ version: 3, state: "reads_and_writes" });
  const refused = await rollBack();
  expect(refused.status()).toBe(422);
  expect(await refused.json()).toMatchObject({ outcome: "rejected" });
});

test("an organization chooses how long replaced secrets are kept", async ({
  ownerPage: page,
  latchkey,
  organization,
}) => {
  await page.goto(`/${organization.slug}/repos`);
  await page.getByRole("link", { name: "Organization", exact: true }).click();
  await page.getByLabel("Keep a replaced secret").selectOption("30 days");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved.")).toBeVisible();
  const { keepDays } = await latchkey.db.organization.findUniqueOrThrow({ where: { id: organization.id } });
  expect(keepDays).toBe(30);
});

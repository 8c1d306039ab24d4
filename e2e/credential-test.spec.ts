import { makeOrganization, makeRepository, makeSigningKey } from "@/prisma/factories";
import { callApi } from "./support/api";
import { expect, test } from "./support/fixtures";

test("a refused secret is not saved, a good one is shown for what it can do, and a dead one is told of", async ({
  ownerPage: page,
  latchkey,
  organization,
  gitHost,
  mirrored,
  hostToken,
}) => {
  const { id: repositoryId } = await mirrored("app");
  await page.goto(`/${organization.slug}/repos/app/settings/credential`);
  await expect(page.getByLabel("Save without testing")).toHaveCount(0);
  await page.getByLabel("Token or password").fill("glpat-wrong");
  await page.getByRole("button", { name: "Add credential" }).click();
  const alert = page.locator("form").getByRole("alert");
  await expect(alert).toContainText(`Nothing was saved. ${gitHost.host} refused this secret (401).`);
  await expect(alert).toContainText("read_repository and write_repository");
  await expect(page.getByLabel("Save without testing")).toBeVisible();
  expect(await latchkey.db.gitCredential.count({ where: { repositoryId } })).toBe(0);

  const token = hostToken("write");
  await page.getByLabel("Token or password").fill(token);
  await page.getByRole("button", { name: "Add credential" }).click();
  await expect(page.getByText("Reads and writes. Tested just now.")).toBeVisible();
  await expect(page.locator(`time[datetime="${gitHost.tokensEnd}T00:00:00.000Z"]`)).toBeVisible();
  await expect(page.getByText("read_repository, write_repository")).toBeVisible();

  gitHost.tokens.delete(token);
  await page.getByRole("button", { name: "Test", exact: true }).click();
  await expect(page.getByText("It is wrong, expired, or was revoked.")).toBeVisible();
  await page.goto(`/${organization.slug}/repos`);
  await expect(page.getByRole("row", { name: /^app/ }).getByText("Rejected")).toBeVisible();
  await page.getByRole("link", { name: "Needs attention 1" }).click();
  await page.getByRole("link", { name: "Refused 1" }).click();
  await expect(page.getByText("The host refuses these credentials. Rotate them.")).toBeVisible();
  await expect(page.getByRole("row", { name: /^app/ })).toBeVisible();

  await page.goto(`/${organization.slug}/repos/app/settings/credential?act=rotate`);
  await page.getByLabel("New token or password").fill(hostToken("read"));
  await page.getByRole("button", { name: "Rotate credential" }).click();
  await expect(page.getByText("Reads, but may not write. That is enough for pulling.")).toBeVisible();
  await expect(page.getByText("Secret refused by the host")).toBeVisible();
  await page.goto(`/${organization.slug}/attention`);
  await expect(page.getByText("Nothing needs you here")).toBeVisible();
});

test("a secret that does not open is told of, and a new one with its username takes its place", async ({
  ownerPage: page,
  latchkey,
  organization,
  mirrored,
  hostToken,
}) => {
  await mirrored("app");
  const credential = `/${organization.slug}/repos/app/settings/credential`;
  await page.goto(credential);
  await page.getByLabel("Username").fill("robot");
  await page.getByLabel("Token or password").fill(hostToken("read"));
  await page.getByRole("button", { name: "Add credential" }).click();
  await expect(page.getByText("Stored, and sealed")).toBeVisible();
  const { id } = await latchkey.db.gitCredential.findFirstOrThrow({
    where: { repository: { organizationId: organization.id } },
  });
  await latchkey.db.credentialSecret.updateMany({ where: { credentialId: id }, data: { sealed: new Uint8Array(60) } });
  await page.getByRole("button", { name: "Test", exact: true }).click();
  await expect(page.getByRole("alert").filter({ hasText: "cannot be opened" })).toBeVisible();
  await page.goto(`/${organization.slug}/attention?reason=unreadable`);
  await expect(page.getByRole("row", { name: /^app/ }).getByText("Unreadable")).toBeVisible();
  await page.goto(`${credential}?act=rotate`);
  await expect(page.getByText("The stored secret cannot be opened, so nothing was sent.")).toBeVisible();
  await page.getByLabel("New token or password").fill(hostToken("read"));
  await page.getByLabel("New username").fill("robot");
  await page.getByRole("button", { name: "Rotate credential" }).click();
  await expect(page.getByText("Reads, but may not write.")).toBeVisible();
  await page.goto(`/${organization.slug}/attention`);
  await expect(page.getByText("Nothing needs you here")).toBeVisible();
});

test.describe("before JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("saving without testing is a second act, and is on record", async ({
    ownerPage: page,
    organization,
    mirrored,
  }) => {
    await mirrored("app");
    await page.goto(`/${organization.slug}/repos/app/settings/credential`);
    await page.getByLabel("Token or password").fill("glpat-not-yet-active");
    await page.getByRole("button", { name: "Add credential" }).click();
    await expect(page.locator("form").getByRole("alert")).toContainText("Nothing was saved.");
    await page.getByLabel("Token or password").fill("glpat-not-yet-active");
    await page.getByLabel("Save without testing").check();
    await page.getByRole("button", { name: "Add credential" }).click();
    await expect(page.getByText("It has not been tested there.")).toBeVisible();
    await page.getByRole("button", { name: "Test", exact: true }).click();
    await expect(page.getByText("refused this secret (401)")).toBeVisible();
    await page.goto(`/${organization.slug}/settings/audit`);
    await expect(page.getByText("test=skipped")).toBeVisible();
  });
});

test("a viewer is offered no test", async ({ page, organization, key, mirrored, member, signIn, hostToken }) => {
  const { id } = await mirrored("app");
  await callApi(page.request, "createCredential", {
    token: await key.token(),
    body: { repo_id: id, password: hostToken() },
  });
  await signIn(page, await member("viewer"));
  await page.goto(`/${organization.slug}/repos/app/settings/credential`);
  await expect(page.getByText("Only owners and admins can test, rotate or remove it.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Test", exact: true })).toHaveCount(0);
});

test("scripts test before they save, and what is stored", async ({
  request,
  latchkey,
  organization,
  key,
  mirrored,
  hostToken,
  gitHost,
}) => {
  const { id: repositoryId, name } = await mirrored("team/app");
  const token = await key.token();
  const query = "?test=true";
  const refused = await callApi(request, "createCredential", {
    token,
    query,
    body: { repo_id: repositoryId, password: "wrong" },
  });
  expect(refused.status()).toBe(422);
  expect(await refused.json()).toMatchObject({ code: "credential_refused", outcome: "rejected" });
  expect(await latchkey.db.gitCredential.count({ where: { repositoryId } })).toBe(0);

  // Without the wish nothing is asked of the host, and the statuses stay as documented.
  gitHost.requests.length = 0;
  const created = await callApi(request, "createCredential", {
    token,
    body: { repo_id: repositoryId, password: "wrong" },
  });
  expect(created.status()).toBe(201);
  const { id } = (await created.json()) as { id: string };
  expect(gitHost.requests).toEqual([]);
  const params = { repo_name: name, id };
  const read = async () => {
    const response = await callApi(request, "readRepositoryCredential", { token, params });
    return (await response.json()) as object;
  };
  expect(await read()).toMatchObject({ state: "not_tested", tested_at: null });

  const tested = await callApi(request, "testRepositoryCredential", { token, params });
  expect(tested.status()).toBe(200);
  expect(await tested.json()).toMatchObject({ id, outcome: "rejected", message: expect.stringContaining("(401)") });
  expect(await read()).toMatchObject({ state: "rejected" });

  const rotate = (password: string) =>
    callApi(request, "rotateRepositoryCredential", { token, query, params, body: { password } });
  expect((await rotate("wrong again")).status()).toBe(422);
  expect((await rotate(hostToken("write"))).status()).toBe(200);
  expect(await read()).toMatchObject({ state: "reads_and_writes", expires_at: `${gitHost.tokensEnd}T00:00:00Z` });
  const nonsense = await callApi(request, "rotateRepositoryCredential", {
    token,
    query: "?test=maybe",
    params,
    body: { password: "x" },
  });
  expect(nonsense.status()).toBe(400);

  const scopes = { scopes: ["git:read"] };
  expect(
    (await callApi(request, "testRepositoryCredential", { token: await key.token(scopes), params })).status(),
  ).toBe(403);
  const elsewhere = await makeOrganization(latchkey.db, `${organization.slug}-else`);
  const foreign = await (await makeSigningKey(latchkey.db, elsewhere)).token();
  expect((await callApi(request, "testRepositoryCredential", { token: foreign, params })).status()).toBe(404);
});

test("what no credential helps with is said in one sentence", async ({ ownerPage: page, latchkey, organization }) => {
  const upstream = { provider: "srht" as const, host: "git.sr.ht", owner: "~ada", name: "app" };
  await makeRepository(latchkey.db, organization, "app", upstream);
  await page.goto(`/${organization.slug}/repos/app/settings/credential`);
  await page.getByLabel("Token or password").fill("anything");
  await page.getByRole("button", { name: "Add credential" }).click();
  await expect(
    page.getByText("git.sr.ht takes no credential over HTTPS, so this one is of no use there."),
  ).toBeVisible();
  await expect(page.getByText("Not usable")).toBeVisible();
});

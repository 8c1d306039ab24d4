import { GitStorage } from "@pierre/storage";
import { callApi } from "./support/api";
import { expect, test } from "./support/fixtures";

test("a pull by hand shows its end by itself, and what the mirror holds", async ({
  ownerPage: page,
  organization,
  gitHost,
  mirrored,
  hostToken,
}) => {
  await mirrored("app");
  const address = `/${organization.slug}/repos/app`;
  await page.goto(`${address}/settings/credential`);
  const token = hostToken("read");
  await page.getByLabel("Token or password").fill(token);
  await page.getByRole("button", { name: "Add credential" }).click();
  await expect(page.getByText("Reads, but may not write.")).toBeVisible();
  await page.goto(address);
  await expect(page.getByText("It has not been pulled yet.")).toBeVisible();
  await page.getByRole("button", { name: "Pull now" }).click();
  await expect(page.getByText(/Pulled: \d+ branch/)).toBeVisible();
  await expect(page.getByRole("img", { name: "The last 1 pulls: 1 succeeded, 0 failed." })).toBeVisible();
  const main = gitHost.heads("acme/app")["refs/heads/main"]!;
  await expect(page.getByText(main.slice(0, 10))).toBeVisible();

  gitHost.tokens.delete(token);
  await page.getByRole("button", { name: "Pull now" }).click();
  await expect(page.getByText("It is wrong, expired, or was revoked.").first()).toBeVisible();
  await expect(page.getByText("Rejected")).toBeVisible();
});

test("the published client asks for a pull, and both families detach", async ({
  request,
  latchkey,
  organization,
  key,
  mirrored,
  hostToken,
  gitHost,
}) => {
  const { id: repositoryId } = await mirrored("team/app");
  const token = await key.token();
  await callApi(request, "createCredential", { token, body: { repo_id: repositoryId, password: hostToken("read") } });
  const storage = new GitStorage({ name: organization.slug, key: key.privateKeyPem, apiBaseUrl: latchkey.url });
  const repo = await storage.findOne({ id: "team/app" });
  await repo!.pullUpstream();
  const outcome = async () => (await latchkey.db.syncRun.findFirst({ where: { repositoryId } }))?.outcome;
  await expect.poll(outcome).toBe("succeeded");
  const heads = await latchkey.db.mirrorHead.findMany({ where: { repositoryId } });
  expect(Object.fromEntries(heads.map(({ ref, objectId }) => [ref, objectId]))).toEqual(gitHost.heads("acme/app"));

  const params = { repo_name: "team/app" };
  const pull = (body?: object) => callApi(request, "pullUpstream", { token, params, body });
  const accepted = await pull({ ref: "main" });
  expect(accepted.status()).toBe(202);
  expect(await accepted.json()).toEqual({ message: "Repository sync initiated successfully" });
  for (const ref of ["--upload-pack=x", "a..b", "", "a b", 7]) expect((await pull({ ref })).status()).toBe(400);
  const readOnly = await key.token({ scopes: ["git:read"] });
  expect((await callApi(request, "pullUpstream", { token: readOnly, params, body: {} })).status()).toBe(403);

  const bound = await key.token({ repo: "team/app" });
  for (const name of ["detachRepositoryV1", "detachRepository"] as const) {
    const detached = await callApi(request, name, { token: bound, params });
    expect(detached.status()).toBe(200);
    expect(await detached.json()).toEqual({ message: "repository detached" });
  }
  expect(await latchkey.db.gitCredential.count({ where: { repositoryId } })).toBe(0);
  expect((await pull()).status()).toBe(400);
});

test("the schedule is chosen in the settings", async ({ ownerPage: page, latchkey, organization, mirrored }) => {
  const { id } = await mirrored("app");
  await page.goto(`/${organization.slug}/repos/app/settings`);
  await expect(page.getByLabel("Pull", { exact: true })).toHaveValue("60");
  await page.getByLabel("Pull", { exact: true }).selectOption("Every 6 hours");
  await page.getByRole("button", { name: "Save schedule" }).click();
  await expect(page.getByText("Saved.")).toBeVisible();
  expect(await latchkey.db.repository.findUniqueOrThrow({ where: { id } })).toMatchObject({ pullEveryMinutes: 360 });
});

import { GitStorage } from "@pierre/storage";
import { makeOrganization, makeRepository } from "@/prisma/factories";
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

test("a credential that only reads is too little where the upstream is also written to", async ({
  ownerPage: page,
  organization,
  mirrored,
  hostToken,
}) => {
  await mirrored("app");
  const address = `/${organization.slug}/repos/app/settings`;
  await page.goto(`${address}/credential`);
  await page.getByLabel("Token or password").fill(hostToken("read"));
  await page.getByRole("button", { name: "Add credential" }).click();
  await expect(page.getByText("That is enough for pulling.")).toBeVisible();
  await page.goto(address);
  await page.getByLabel("The upstream is also written to").check();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("Saved.")).toBeVisible();
  await page.reload();
  await expect(page.getByLabel("The upstream is also written to")).toBeChecked();
  await page.goto(`/${organization.slug}/attention?reason=read_only`);
  await page.getByRole("link", { name: "app", exact: true }).click();
  await expect(page.getByText("this repository is also written to").first()).toBeVisible();
});

test("a pull that runs elsewhere is followed live to its end", async ({
  ownerPage: page,
  latchkey,
  organization,
  mirrored,
}) => {
  const { id: repositoryId } = await mirrored("app");
  const { db } = latchkey;
  const run = { id: `run_${organization.slug}`, repositoryId, requestedBy: "schedule", startedAt: new Date() };
  await db.syncRun.create({ data: run });
  await page.goto(`/${organization.slug}/repos/app`);
  await expect(page.getByText(/Pulling from localhost/)).toBeVisible();
  await expect(page.getByText("0 bytes")).toBeVisible();
  const where = { id: run.id };
  await db.syncRun.update({ where, data: { objectsReceived: 1234, objectsTotal: 5678, bytes: 3_400_000 } });
  await expect(page.getByText("1,234 of 5,678 objects, 3.4 MB")).toBeVisible();
  await expect(page.getByRole("progressbar", { name: "Objects received" })).toHaveAttribute("value", "1234");
  await db.syncRun.update({ where, data: { finishedAt: new Date(), outcome: "succeeded", refsChanged: 2 } });
  await expect(page.getByText("Pulled: 2 branches and tags changed.")).toBeVisible();
  await expect(page.getByRole("progressbar")).toHaveCount(0);
});

test("a page that watches a pull is told no more once its session is over, and five of a user may watch", async ({
  page,
  latchkey,
  mirrored,
  organization,
  member,
  signIn,
  baseURL,
}) => {
  const { id: repositoryId } = await mirrored("app");
  const run = { id: `run_${organization.slug}`, repositoryId, requestedBy: "schedule", startedAt: new Date() };
  await latchkey.db.syncRun.create({ data: run });
  const who = await member("viewer");
  await signIn(page, who);
  const [cookie] = (await page.context().cookies()).filter(({ name }) => name.endsWith("latchkey.session"));
  const watch = () =>
    fetch(`${baseURL}/api/progress/${organization.slug}/app`, {
      headers: { cookie: `${cookie!.name}=${cookie!.value}` },
    });
  const streams = await Promise.all([1, 2, 3, 4, 5].map(watch));
  const readers = streams.map(({ body }) => body!.getReader());
  for (const reader of readers) {
    expect(new TextDecoder().decode((await reader.read()).value)).toContain('"state":"running"');
  }
  const refused = await watch();
  expect(refused.status).toBe(503);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  await latchkey.db.session.deleteMany({ where: { user: { email: who.email } } });
  await latchkey.db.syncRun.update({ where: { id: run.id }, data: { bytes: 1000 } });
  for (const reader of readers) expect((await reader.read()).done).toBe(true);
});

test("how far a pull is, is told to the organization's members alone", async ({
  page,
  latchkey,
  member,
  signIn,
  mirrored,
  organization,
  playwright,
  baseURL,
}) => {
  await mirrored("app");
  const address = `/api/progress/${organization.slug}/app`;
  const stranger = await playwright.request.newContext({ baseURL });
  const refused = await stranger.get(address, { maxRedirects: 0 });
  expect(refused.status()).toBe(307);
  expect(refused.headers().location).toContain("/sign-in");
  await stranger.dispose();
  await signIn(page, await member("viewer"));
  const other = await makeOrganization(latchkey.db, `${organization.slug}-b`);
  await makeRepository(latchkey.db, other, "app");
  expect((await page.request.get(`/api/progress/${other.slug}/app`)).status()).toBe(404);
  expect((await page.request.get(`/api/progress/${organization.slug}/none`)).status()).toBe(404);
});

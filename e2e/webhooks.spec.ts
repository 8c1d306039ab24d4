import { callApi } from "./support/api";
import { expect, test } from "./support/fixtures";

test("a webhook is added, tested, replayed and removed on its page", async ({
  ownerPage: page,
  organization,
  gitHost,
  latchkey,
}) => {
  await page.goto(`/${organization.slug}/repos`);
  await page.getByRole("link", { name: "Webhooks" }).click();
  await expect(page.getByText("No webhooks yet")).toBeVisible();
  await page.getByLabel("Address").fill(`http://${gitHost.host}/hooks`);
  await page.getByRole("button", { name: "Add webhook" }).click();
  await expect(page.getByText("The address must begin with https://.").first()).toBeVisible();
  await page.getByLabel("Address").fill(`https://${gitHost.host}/hooks`);
  await page.getByRole("button", { name: "Make a secret in this browser" }).click();
  const secret = await page.getByRole("status").locator("code").innerText();
  expect(secret).toMatch(/^[0-9a-f]{64}$/);
  for (const box of await page.getByRole("checkbox").all()) await box.uncheck();
  await page.getByRole("button", { name: "Add webhook" }).click();
  await expect(page.getByText("Choose at least one event.").first()).toBeVisible();
  await page.getByRole("checkbox", { name: "A pull fails" }).check();
  await page.getByRole("button", { name: "Add webhook" }).click();
  await expect(page.getByText("The webhook is stored.")).toBeVisible();
  await expect(page.getByText("Nothing sent yet")).toBeVisible();
  expect(await page.content()).not.toContain(secret);

  await page.getByRole("button", { name: "Send test" }).click();
  await expect(page.getByText("Answered 204.")).toBeVisible();
  await expect(page.getByText("Delivering")).toBeVisible();
  await page.getByRole("button", { name: "Replay" }).click();
  await expect(page.getByText("Answered 204.")).toHaveCount(2);
  expect(latchkey.output()).not.toContain(secret);

  await page.getByRole("link", { name: "Remove webhook…" }).click();
  await expect(page.getByRole("link", { name: "Cancel" })).toBeFocused();
  await page.getByRole("button", { name: "Remove webhook" }).click();
  await expect(page.getByText("The webhook is removed")).toBeVisible();
  await page.goto(`/${organization.slug}/settings/audit`);
  for (const words of ["Webhook added", "Test sent to a webhook", "Webhook delivery sent again", "Webhook removed"]) {
    await expect(page.getByRole("cell", { name: words })).toBeVisible();
  }
});

test("a webhook can be added before JavaScript arrives", async ({
  browser,
  baseURL,
  member,
  signIn,
  organization,
  gitHost,
}) => {
  const context = await browser.newContext({ baseURL, javaScriptEnabled: false });
  const page = await context.newPage();
  await signIn(page, await member("admin"));
  await page.goto(`/${organization.slug}/settings/webhooks`);
  await page.getByLabel("Address").fill(`https://${gitHost.host}/hooks`);
  await page.getByLabel("Secret", { exact: true }).fill("too-short");
  await page.getByRole("button", { name: "Add webhook" }).click();
  await expect(page.getByText("The secret needs at least 16 characters.").first()).toBeVisible();
  await expect(page.getByLabel("Address")).toHaveValue(`https://${gitHost.host}/hooks`);
  await page.getByLabel("Secret", { exact: true }).fill("long-enough-for-a-secret");
  await page.getByRole("button", { name: "Add webhook" }).click();
  await expect(page.getByText("The webhook is stored.")).toBeVisible();
  await expect(page.getByText("repo.sync.failed, credential.rejected")).toBeVisible();
  await context.close();
});

test("scripts add, list and remove webhooks, and get no secret back", async ({ request, gitHost, key }) => {
  const token = await key.token();
  const url = `https://${gitHost.host}/hooks`;
  const body = { url, secret: "a-secret-of-the-receiver", events: ["repo.sync.failed", "repo.sync.failed"] };
  const created = await callApi(request, "createWebhook", { token, body });
  expect(created.status()).toBe(201);
  const webhook = (await created.json()) as { id: string };
  expect(webhook).toEqual({
    id: expect.stringMatching(/^whk_/) as unknown,
    format: "signed",
    url,
    events: ["repo.sync.failed"],
    created_at: expect.any(String) as unknown,
    paused_at: null,
  });
  const listed = await callApi(request, "listWebhooks", { token });
  expect(await listed.json()).toEqual({ webhooks: [webhook] });
  const wrong = [
    { ...body, url: `http://${gitHost.host}/hooks` },
    { ...body, url: `https://me:pass@${gitHost.host}/hooks` },
    { ...body, url: "https://127.0.0.1/hooks" },
    { ...body, secret: "short" },
    { ...body, events: [] },
    { ...body, events: ["repo.push"] },
  ];
  for (const each of wrong) {
    const refused = await callApi(request, "createWebhook", { token, body: each });
    expect(refused.status(), JSON.stringify(each)).toBe(400);
    expect(await refused.text()).not.toContain("pass@");
  }
  const bound = await key.token({ repo: "team/app" });
  expect((await callApi(request, "createWebhook", { token: bound, body })).status()).toBe(403);
  const reader = await key.token({ scopes: ["org:read"] });
  expect((await callApi(request, "createWebhook", { token: reader, body })).status()).toBe(403);
  const remove = () => callApi(request, "removeWebhook", { token, body: { id: webhook.id } });
  expect((await remove()).status()).toBe(204);
  expect((await remove()).status()).toBe(404);
});

test("a pull's events are delivered by the running worker", async ({ request, key, mirrored, gitHost, latchkey }) => {
  const token = await key.token();
  const { id } = await mirrored("app");
  const body = {
    url: `https://${gitHost.host}/hooks`,
    secret: "a-secret-of-the-receiver",
    events: ["repo.sync.failed"],
  };
  await callApi(request, "createWebhook", { token, body });
  await callApi(request, "pullUpstream", { token, params: { repo_name: "app" } });
  const delivered = () => latchkey.db.webhookDelivery.findMany({ where: { payload: { contains: id } } });
  await expect
    .poll(async () => (await delivered()).map(({ state, status }) => [state, status]))
    .toEqual([["delivered", 204]]);
});

test("viewers see no webhooks", async ({ page, member, signIn, organization }) => {
  await signIn(page, await member("viewer"));
  await page.goto(`/${organization.slug}/repos`);
  await expect(page.getByRole("link", { name: "Signing keys" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Webhooks" })).toHaveCount(0);
  await page.goto(`/${organization.slug}/settings/webhooks`);
  await expect(page.getByText("Only owners and admins see the webhooks.")).toBeVisible();
});

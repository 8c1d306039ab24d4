import { randomBytes } from "node:crypto";
import { startLatchkey } from "@/scripts/start-latchkey";
import { startMailServer, type MailServer } from "@/scripts/start-mail-server";
import { callApi } from "./support/api";
import { expect, reaching, test as withoutMail } from "./support/fixtures";

const PASSWORD = `smtp-${randomBytes(12).toString("hex")}`;

/** A Latchkey with a mail server on its own machine. */
const test = withoutMail.extend<object, { mailServer: MailServer }>({
  mailServer: [
    async ({}, use) => {
      const mailServer = await startMailServer({ tls: "none", password: PASSWORD });
      await use(mailServer);
      await mailServer.stop();
    },
    { scope: "worker" },
  ],
  latchkey: [
    async ({ gitHost, mailServer }, use) => {
      const latchkey = await startLatchkey({
        ...reaching(gitHost),
        LATCHKEY_SMTP_URL: `smtp://latchkey:${PASSWORD}@127.0.0.1:${mailServer.port}`,
        LATCHKEY_MAIL_FROM: "latchkey@example.com",
      });
      await use(latchkey);
      await latchkey.stop();
    },
    { scope: "worker", timeout: 120_000 },
  ],
});

test("a member chooses, sends a test, and sees what became of it", async ({
  page,
  member,
  signIn,
  organization,
  latchkey,
  mailServer,
}) => {
  const viewer = await member("viewer");
  await signIn(page, viewer);
  await page.goto(`/${organization.slug}/repos`);
  await page.getByRole("link", { name: "Notices" }).click();
  await expect(page.getByText("Nothing was sent yet.")).toBeVisible();
  for (const box of await page.getByRole("checkbox").all()) await expect(box).not.toBeChecked();
  await page.getByRole("checkbox", { name: "A host rejects a credential" }).check();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved.")).toBeVisible();
  await page.reload();
  await expect(page.getByRole("checkbox", { checked: true })).toHaveCount(1);
  await expect(page.getByRole("checkbox", { name: "A host rejects a credential" })).toBeChecked();

  await page.getByRole("button", { name: "Send test" }).click();
  const row = page.getByRole("row").filter({ hasText: `[${organization.slug}] Test` });
  await expect(row.getByText("Delivered")).toBeVisible();
  await expect(row.getByText("The mail server took it.")).toBeVisible();
  await expect(row.getByText(viewer.email)).toBeVisible();
  expect(mailServer.received.filter(({ to }) => to.includes(viewer.email))).toHaveLength(1);
  expect(mailServer.passwords).toContain(PASSWORD);
  expect(latchkey.output()).not.toContain(PASSWORD);
  expect(latchkey.output()).toContain('"operation":"send mail"');
});

test("choosing works before JavaScript arrives", async ({ browser, baseURL, member, signIn, organization }) => {
  const context = await browser.newContext({ baseURL, javaScriptEnabled: false });
  const page = await context.newPage();
  await signIn(page, await member("admin"));
  await page.goto(`/${organization.slug}/settings/notices`);
  await expect(page.getByRole("checkbox", { checked: true })).toHaveCount(4);
  for (const box of await page.getByRole("checkbox").all()) await box.uncheck();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved.")).toBeVisible();
  await page.goto(`/${organization.slug}/settings/notices`);
  await expect(page.getByRole("checkbox", { checked: true })).toHaveCount(0);
  await page.getByRole("button", { name: "Send test" }).click();
  await expect(page.getByText("the log below shows", { exact: false })).toBeVisible();
  await context.close();
});

test("a credential that its host rejects reaches mailboxes by the running worker", async ({
  request,
  key,
  mirrored,
  member,
  latchkey,
  organization,
  mailServer,
}) => {
  const { email } = await member("owner");
  const { id: repo_id } = await mirrored("team/app");
  const token = await key.token();
  const created = await callApi(request, "createCredential", { token, body: { repo_id, password: "wrong" } });
  const { id } = (await created.json()) as { id: string };
  const params = { repo_name: "team/app", id };
  await callApi(request, "testRepositoryCredential", { token, params });
  // The minute in which others would join it is over.
  await latchkey.db.$executeRaw`
    UPDATE graphile_worker._private_jobs SET run_at = now() WHERE payload->>'organizationId' = ${organization.id}`;
  const received = () => mailServer.received.filter(({ to }) => to.includes(email));
  await expect.poll(() => received().length).toBe(1);
  expect(received()[0]!.source).toContain("Credential rejected: team/app");
});

test("a Slack channel is told, and its address is not shown again", async ({
  ownerPage: page,
  request,
  key,
  organization,
  gitHost,
  latchkey,
}) => {
  const secret = randomBytes(12).toString("hex");
  await page.goto(`/${organization.slug}/settings/webhooks`);
  const form = page.getByRole("form", { name: "Add a Slack channel" });
  await form.getByLabel("Incoming webhook").fill(`http://${gitHost.host}/hooks?${secret}`);
  await form.getByRole("button", { name: "Add channel" }).click();
  await expect(form.getByText("The address must begin with https://.").first()).toBeVisible();
  await form.getByLabel("Incoming webhook").fill(`https://${gitHost.host}/hooks?${secret}`);
  await form.getByRole("button", { name: "Add channel" }).click();
  await expect(page.getByRole("heading", { name: `Slack channel at ${gitHost.host}` })).toBeVisible();
  await page.getByRole("button", { name: "Send test" }).click();
  await expect(page.getByText("Answered 204.")).toBeVisible();
  const listed = await callApi(request, "listWebhooks", { token: await key.token() });
  const { webhooks } = (await listed.json()) as { webhooks: unknown[] };
  expect(webhooks).toMatchObject([{ format: "slack", url: `https://${gitHost.host}/` }]);
  expect(JSON.stringify(webhooks)).not.toContain(secret);
  for (const path of ["webhooks", "audit", "notices"]) {
    await page.goto(`/${organization.slug}/settings/${path}`);
    expect(await page.content()).not.toContain(secret);
  }
  expect(latchkey.output()).not.toContain(secret);
});

withoutMail("without a mail server the page says so", async ({ page, member, signIn, organization }) => {
  await signIn(page, await member("viewer"));
  await page.goto(`/${organization.slug}/settings/notices`);
  await expect(page.getByText("Mail is off")).toBeVisible();
  await expect(page.getByText("LATCHKEY_SMTP_URL")).toBeVisible();
  await expect(page.getByRole("button", { name: "Send test" })).toHaveCount(0);
});

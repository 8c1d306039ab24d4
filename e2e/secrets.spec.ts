import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test as base } from "@playwright/test";
import { makeMember, makeOrganization, makeRepository, makeSigningKey } from "@/prisma/factories";
import { callApi } from "./support/api";
import { appCode } from "./support/authenticator";
import { startGitHost, type GitHost } from "@/scripts/git-host/start-git-host";
import { expect, PASSWORD, reaching } from "./support/fixtures";
import { startLatchkey, type Latchkey } from "@/scripts/start-latchkey";
import { startMailServer } from "@/scripts/start-mail-server";

/** Upstreams that hand the sign-in back, each in another place. */
const ECHOES = ["echo", "echo-page", "echo-refs", "echo-objects", "echo-sideband", "echo-redirect"] as const;

/** A Latchkey that writes down everything it can, whose files are looked through afterwards. */
const test = base.extend<{ gitHost: GitHost; smtpPassword: string; loud: Latchkey }>({
  gitHost: async ({}, use) => {
    const gitHost = await startGitHost();
    gitHost.addRepository("acme/app");
    for (const name of ECHOES) gitHost.addRepository(`hostile/${name}`);
    await use(gitHost);
    await gitHost.stop();
  },
  smtpPassword: async ({}, use) => {
    await use(mark());
  },
  loud: async ({ gitHost, smtpPassword }, use) => {
    // It refuses the password that it is given, and says so by repeating it.
    const mailServer = await startMailServer({ tls: "none", password: mark() });
    const folder = mkdtempSync(path.join(os.tmpdir(), "latchkey-loud-"));
    const file = path.join(folder, "smtp-url");
    writeFileSync(file, `smtp://latchkey:${smtpPassword}@127.0.0.1:${mailServer.port}\n`);
    const mail = { LATCHKEY_SMTP_URL_FILE: file, LATCHKEY_MAIL_FROM: "latchkey@example.com" };
    const variables = { LATCHKEY_DATA_DIR: path.join(folder, "data"), LOG_LEVEL: "trace", ...mail };
    const loud = await startLatchkey({ ...variables, ...reaching(gitHost) });
    // The database's own log, with every statement and its parameters.
    await loud.db.$executeRawUnsafe("ALTER SYSTEM SET log_statement = 'all'");
    await loud.db.$executeRawUnsafe("ALTER SYSTEM SET log_parameter_max_length = -1");
    await loud.db.$executeRawUnsafe("SELECT pg_reload_conf()");
    await use(loud);
    await loud.stop();
    await mailServer.stop();
    rmSync(folder, { recursive: true, force: true });
  },
});

test("a stored secret is in no answer, page, log line, audit row or file", async ({
  page,
  loud,
  gitHost,
  smtpPassword,
}) => {
  test.slow();
  const marks = {
    page: mark(),
    pageRotated: mark(),
    api: mark(),
    apiRotated: mark(),
    refused: mark(),
    echoed: mark(),
    pulled: mark(),
    imported: mark(),
    importRefused: mark(),
    importUnread: mark(),
    importUsername: mark(),
    username: mark(),
    action: mark(),
    slack: mark(),
    smtp: smtpPassword,
  };
  const seen: string[] = [loud.url];
  // The browser itself does not keep every answer until somebody asks for it.
  await page.route("**", async (route) => {
    if (route.request().url().includes("/api/progress/")) return route.fallback();
    const response = await route.fetch({ maxRedirects: 0 });
    seen.push(await response.text(), JSON.stringify(response.headers()), response.url());
    await route.fulfill({ response });
  });
  const organization = await makeOrganization(loud.db, "acme");
  const key = await makeSigningKey(loud.db, organization);
  await makeMember(loud.db, organization, { email: "ada@example.com", password: PASSWORD, role: "owner" });
  const upstream = { provider: "gitea" as const, host: gitHost.host, owner: "acme", name: "app" };
  await makeRepository(loud.db, organization, "by-page", upstream);
  const { id: repoId } = await makeRepository(loud.db, organization, "by-api", upstream);
  const echo = await makeRepository(loud.db, organization, "refuses", { ...upstream, owner: "hostile", name: "echo" });
  gitHost.tokens.set(marks.page, "read").set(marks.pageRotated, "read");

  await page.goto(`${loud.url}/sign-in`);
  await page.getByLabel("E-mail address").fill("ada@example.com");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("**/acme/repos");
  const credential = `${loud.url}/acme/repos/by-page/settings/credential`;
  await page.goto(credential);
  await page.getByLabel("Username").fill(marks.username);
  await page.getByLabel("Token or password").fill(marks.page);
  await page.getByRole("button", { name: "Add credential" }).click();
  await expect(page.getByText("Stored, and sealed")).toBeVisible();
  await expect(page.getByText("it could be the token itself")).toBeVisible();
  await page.getByRole("link", { name: "Rotate", exact: true }).click();
  await page.getByLabel("New token or password").fill(marks.pageRotated);
  await page.getByRole("button", { name: "Rotate credential" }).click();
  await expect(page.getByText("Rotated. The new secret")).toBeVisible();
  await page.getByRole("button", { name: "Test", exact: true }).click();
  await expect(page.getByText("Reads, but may not write")).toBeVisible();
  await page.getByRole("link", { name: "Rotate", exact: true }).click();
  await page.getByLabel("New token or password").fill(marks.refused);
  await page.getByRole("button", { name: "Rotate credential" }).click();
  await expect(page.locator("form").getByRole("alert")).toContainText("refused this secret (401)");

  gitHost.tokens.set(marks.imported, "read");
  await page.goto(`${loud.url}/acme/import`);
  const address = `https://${gitHost.host}/acme/app.git`;
  const lines = [
    `${address}, ${marks.importUsername}, ${marks.imported}, imported`,
    `${address}, bot, ${marks.importRefused}, import-refused`,
    `${marks.importUnread}, bot, ${address}`,
    `${address}, bot, ${address}, ${marks.importUnread}, ${marks.importUnread}`,
  ];
  await page.getByRole("textbox", { name: "Lines" }).fill(`${lines.join("\n")}, "`);
  await page.getByLabel("Other hosts run").selectOption("gitea");
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByText("Line 4 has a quotation mark without its other half").first()).toBeVisible();
  await page.getByLabel("Or a CSV file").setInputFiles({
    name: "lines.csv",
    mimeType: "text/csv",
    buffer: Buffer.from(lines.join("\n")),
  });
  await page.getByRole("button", { name: "Preview" }).click();
  await page.getByRole("button", { name: "Import 2 lines" }).click();
  await expect(page.getByRole("heading", { name: "Finished" })).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText("1 imported, 0 already there, 1 without a credential, 2 failed")).toBeVisible();

  const call: typeof callApi = async (request, name, options) => {
    const response = await callApi(request, name, { ...options, base: loud.url });
    seen.push(await response.text(), JSON.stringify(response.headers()));
    return response;
  };
  const token = await key.token();
  const created = await call(page.request, "createCredential", {
    token,
    body: { repo_id: repoId, username: marks.username, password: marks.api },
  });
  const { id } = (await created.json()) as { id: string };
  await call(page.request, "createCredential", { token, body: { repo_id: repoId, password: marks.api } });
  await call(page.request, "rotateCredential", { token, body: { id, password: marks.apiRotated } });
  await call(page.request, "rotateCredential", { token, body: { id, password: `${marks.apiRotated}\n` } });
  await call(page.request, "rotateCredential", { token, body: { id: "ggc_none", password: marks.apiRotated } });
  const testFirst = "?test=true";
  await call(page.request, "rotateCredential", { token, query: testFirst, body: { id, password: marks.refused } });
  // This host answers with an error that repeats the sign-in it got.
  await call(page.request, "createCredential", {
    token,
    query: testFirst,
    body: { repo_id: echo.id, password: marks.echoed },
  });
  const params = { repo_name: "by-api", id };
  expect((await call(page.request, "testRepositoryCredential", { token, params })).status()).toBe(200);
  await call(page.request, "pullUpstream", { token, params: { repo_name: "by-page" }, body: {} });
  await expect
    .poll(async () => (await loud.db.syncRun.findFirst({ where: { repository: { name: "by-page" } } }))?.outcome)
    .toBe("succeeded");
  for (const name of ECHOES) {
    const { id: repo_id } = await makeRepository(loud.db, organization, name, { ...upstream, owner: "hostile", name });
    // With a username of two letters the mark stands by itself in the base64 of the sign-in, and is found there.
    await call(page.request, "createCredential", { token, body: { repo_id, username: "me", password: marks.pulled } });
    await call(page.request, "pullUpstream", { token, params: { repo_name: name }, body: {} });
    const ended = async () => (await loud.db.syncRun.findFirst({ where: { repositoryId: repo_id } }))?.outcome;
    await expect.poll(ended).toMatch(/not_git|unreachable|bad_objects/);
    await page.goto(`${loud.url}/acme/repos/${name}`);
    const run = await loud.db.syncRun.findFirst({ where: { repositoryId: repo_id } });
    seen.push(
      JSON.stringify(await loud.db.upstream.findFirst({ where: { repositoryId: repo_id } })),
      run?.reason ?? "",
    );
  }
  const signIn = Buffer.from(`me:${marks.pulled}`).toString("base64");
  expect(gitHost.requests.map(({ authorization }) => authorization)).toContain(`Basic ${signIn}`);
  await page.goto(`${loud.url}/account/second-factor`);
  await page.getByLabel("Current password").fill(PASSWORD);
  await page.getByRole("button", { name: "Show the QR code" }).click();
  // Shown this once, and nowhere else.
  const appKey = await page.getByText(/^[A-Z2-7]{32}$/).innerText();
  const [recovery] = (await page.getByRole("region", { name: "the recovery codes" }).innerText()).trim().split(/\s+/);
  await page.getByRole("textbox", { name: "Code" }).fill(appCode(appKey));
  await page.getByRole("button", { name: "Turn on" }).click();
  await expect(page.getByText("Your second factor is on")).toBeVisible();
  await page.goto(`${loud.url}/acme/settings/webhooks`);
  const slack = page.getByRole("form", { name: "Add a Slack channel" });
  for (const address of [`http://${gitHost.host}/${marks.slack}`, `https://${gitHost.host}/${marks.slack}`]) {
    await slack.getByLabel("Incoming webhook").fill(address);
    await slack.getByRole("button", { name: "Add channel" }).click();
  }
  await page.getByRole("button", { name: "Send test" }).click();
  await expect(page.getByText(/^Answered 40\d/)).toBeVisible();
  await page.goto(`${loud.url}/acme/settings/notices`);
  await page.getByRole("button", { name: "Send test" }).click();
  await expect(page.getByText("The mail server refused the username and password it was given.")).toBeVisible();
  for (const where of [
    "account",
    "account/second-factor",
    "acme/repos",
    "acme/repos/by-page",
    "acme/repos/by-api/settings/credential",
    "acme/settings/audit",
    "acme/settings/webhooks",
    "docs/api",
  ]) {
    await page.goto(`${loud.url}/${where}`);
  }
  // A secret where a client should never put one, in the forms that it may have there; and when things break.
  for (const agent of [marks.api, Buffer.from(`git:${marks.api}`).toString("base64")]) {
    const headers = { authorization: `Bearer ${token}`, "code-storage-agent": agent };
    const data = { repo_id: repoId, username: "git", password: marks.api };
    await page.request.post(`${loud.url}/api/v1/repos/git-credentials`, { headers, data });
  }
  await expect.poll(() => loud.output().split('"agent":"[redacted]')).toHaveLength(3);
  await page.request.post(`${loud.url}/sign-in`, { headers: { "next-action": marks.action }, data: marks.action });
  await loud.db.$executeRawUnsafe("ALTER TABLE repository RENAME TO gone");
  await page.goto(`${loud.url}/acme/repos`);
  const failed = await call(page.request, "rotateCredential", { token, body: { id, password: marks.apiRotated } });
  expect(failed.status()).toBe(500);
  await loud.db.$executeRawUnsafe("ALTER TABLE gone RENAME TO repository");
  const events = await loud.db.auditEvent.findMany();
  expect(events.length).toBeGreaterThanOrEqual(4);
  seen.push(JSON.stringify(events.map(({ payload }) => payload)), loud.output());
  await page.unrouteAll({ behavior: "wait" });
  // What the database holds in memory is written to its files, and none of them is replaced while it is read.
  await loud.stop();
  const files = filesBelow(loud.dataDir);
  expect(files.some((file) => readFileSync(file, "latin1").includes("credential.created"))).toBe(true);

  const forms = Object.entries(marks).flatMap(([name, value]) => [
    [name, value],
    [`${name} in base64`, Buffer.from(value).toString("base64").replace(/=+$/, "").slice(2, -2)],
    [`${name} in hex`, Buffer.from(value).toString("hex")],
  ]);
  for (const [name, form] of forms) {
    expect(
      seen.filter((text) => text.includes(form!)),
      `${name} in an answer or a log`,
    ).toHaveLength(0);
    const holders = files.filter((file) => readFileSync(file, "latin1").includes(form!));
    expect(holders, `${name} in a file`).toEqual([]);
  }
  for (const [name, text] of Object.entries({ appKey, recovery: recovery! })) {
    const answers = seen.filter((each) => each.includes(text));
    expect(answers, `${name} in more than the one answer that shows it`).toHaveLength(1);
    expect(
      files.filter((file) => readFileSync(file, "latin1").includes(text)),
      `${name} in a file`,
    ).toEqual([]);
  }
});

function mark(): string {
  return `marker${randomBytes(12).toString("hex")}`;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

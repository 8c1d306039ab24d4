import { makeOrganization } from "@/prisma/factories";
import { anotherPage, expect, PASSWORD, test } from "./support/fixtures";

test("a wrong password keeps the address, says no more than that, and is throttled in the end", async ({
  page,
  member,
}) => {
  const { email } = await member("admin");
  await page.goto("/sign-in");
  const attempt = async (password: string) => {
    await page.getByLabel("E-mail address").fill(email);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
  };
  const alert = page.locator("form").getByRole("alert");
  await attempt("not the password");
  await expect(alert).toContainText("do not belong together");
  await expect(page.getByLabel("E-mail address")).toHaveValue(email);
  await expect(page.getByLabel("Password", { exact: true })).toHaveValue("");
  for (let count = 1; count <= 9; count += 1) {
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.request().method() === "POST"),
      attempt(`wrong ${count}`),
    ]);
    expect(answer.status()).toBe(200);
  }
  // Ten attempts in a quarter of an hour are all, even with the right one.
  await attempt(PASSWORD);
  await expect(alert).toContainText("Too many attempts");
});

test("signing out ends the session, wherever its cookie was copied to", async ({
  page,
  member,
  signIn,
  baseURL,
  organization,
}) => {
  await signIn(page, await member("owner"));
  const copy = await anotherPage(page.context(), baseURL);
  const cookies = await page.context().cookies();
  const session = cookies.find(({ name }) => name === "latchkey.session");
  expect(session).toMatchObject({ httpOnly: true, sameSite: "Lax", path: "/" });
  await copy.context().addCookies(cookies);
  await copy.goto(`/${organization.slug}/repos`);
  await expect(copy.getByRole("heading", { name: "Repositories" })).toBeVisible();
  await page.goto(`/${organization.slug}/repos`);
  await page.locator("summary").last().click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(/\/sign-in$/);
  await copy.goto(`/${organization.slug}/repos`);
  await expect(copy).toHaveURL(/\/sign-in\?next=/);
  await copy.close();
});

test("a sign-in, its failures and its end are in the audit log, and a failure holds no answer up", async ({
  page,
  latchkey,
  organization,
  member,
  signIn,
}) => {
  const who = await member("viewer");
  const { id: organizationId, slug } = organization;
  const { id: targetId } = await latchkey.db.user.findUniqueOrThrow({ where: { email: who.email } });
  const attempt = async (email: string) => {
    await page.goto("/sign-in");
    await page.getByLabel("E-mail address").fill(email);
    await page.getByLabel("Password", { exact: true }).fill("not the password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.locator("form").getByRole("alert")).toContainText("do not belong together");
  };
  const events = async () => {
    const rows = await latchkey.db.auditEvent.findMany({
      where: { organizationId, targetId },
      orderBy: { seq: "asc" },
    });
    return rows.map(({ action, actor, payload }) => {
      const { details } = JSON.parse(payload) as { details: Record<string, string> };
      return [action, actor, details.method ?? details.why];
    });
  };
  // While nothing can be recorded, the answer comes all the same: an address that nobody has is answered no sooner.
  await latchkey.db.$transaction(
    async (tx) => {
      await tx.$queryRaw`SELECT 1 FROM audit_chain WHERE organization_id = ${organizationId} FOR UPDATE`;
      await attempt(who.email);
    },
    { timeout: 30_000 },
  );
  await attempt(`nobody-${who.email}`);
  const failed = ["member.sign_in_failed", "sign-in", "password"];
  await expect.poll(events).toEqual([failed]);
  await signIn(page, who);
  await page.locator("summary").last().click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(/\/sign-in$/);
  const [begun, ended] = [
    ["member.signed_in", who.email, "password"],
    ["member.signed_out", who.email, undefined],
  ];
  expect(await events()).toEqual([failed, begun, ended]);
  await signIn(page, await member("owner"));
  await page.goto(`/${slug}/settings/audit`);
  for (const words of ["Sign-in failed", "Signed out"]) {
    await expect(page.getByRole("cell", { name: words })).toBeVisible();
  }
});

test("after signing in one is where one wanted to go, and never on another site", async ({
  page,
  organization,
  member,
}) => {
  const { email, password } = await member("viewer");
  const signIn = async () => {
    await page.getByLabel("E-mail address").fill(email);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
  };
  await page.goto(`/${organization.slug}/settings/members?x=1`);
  await signIn();
  await expect(page).toHaveURL(new RegExp(`/${organization.slug}/settings/members\\?x=1$`));
  for (const next of ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]) {
    await page.context().clearCookies();
    await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
    await signIn();
    await expect(page).toHaveURL(new RegExp(`^http://localhost:\\d+/${organization.slug}/repos$`));
  }
});

test("one's password can be changed, and every session ends but this browser's, whose cookie is another", async ({
  ownerPage,
  baseURL,
  member,
  signIn,
}) => {
  const who = await member("admin");
  const one = await anotherPage(ownerPage.context(), baseURL);
  const two = await anotherPage(ownerPage.context(), baseURL);
  await signIn(one, who);
  await signIn(two, who);
  const copy = await anotherPage(ownerPage.context(), baseURL);
  await copy.context().addCookies(await one.context().cookies());
  await one.goto("/account");
  await one.getByLabel("Current password").fill("something else entirely");
  await one.getByLabel("New password").fill("a whole new password");
  await one.getByRole("button", { name: "Change password" }).click();
  await expect(one.locator("form").getByRole("alert")).toContainText("not your current password");
  await one.getByLabel("Current password").fill(who.password);
  await one.getByLabel("New password").fill("a whole new password");
  await one.getByRole("button", { name: "Change password" }).click();
  await expect(one.getByText("Your password is changed")).toBeVisible();
  await one.reload();
  await expect(one.getByRole("heading", { name: "Account" })).toBeVisible();
  for (const other of [two, copy]) {
    await other.goto("/account");
    await expect(other).toHaveURL(/\/sign-in/);
  }
  await signIn(two, { ...who, password: "a whole new password" });
  for (const each of [one, two, copy]) await each.close();
});

test("nothing on a page breaks its own content security policy", async ({ ownerPage: page, organization }) => {
  const complaints: string[] = [];
  page.on(
    "console",
    (message) => message.text().includes("Content Security Policy") && complaints.push(message.text()),
  );
  for (const path of ["repos", "repos/new", "settings/signing-keys", "settings/members", "settings/audit"]) {
    await page.goto(`/${organization.slug}/${path}`);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  }
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("dialog").getByRole("option").first()).toBeVisible();
  expect(complaints).toEqual([]);
});

test("members of several organizations switch between them", async ({
  page,
  latchkey,
  organization,
  member,
  signIn,
}) => {
  const who = await member("admin");
  const second = await makeOrganization(latchkey.db, `${organization.slug}-two`);
  const { id: userId } = await latchkey.db.user.findUniqueOrThrow({ where: { email: who.email } });
  await latchkey.db.membership.create({ data: { organizationId: second.id, userId, role: "viewer" } });
  await signIn(page, who);
  await page.locator("summary", { hasText: organization.slug }).click();
  await page.getByRole("link", { name: second.slug }).click();
  await page.waitForURL(`**/${second.slug}/repos`);
  await expect(page.getByText(`An owner or an admin of ${second.slug} can add the first one.`)).toBeVisible();
});

test("the theme is chosen and remembered", async ({ ownerPage: page, organization }) => {
  await page.goto(`/${organization.slug}/repos`);
  await page.locator("summary").last().click();
  await page.getByRole("button", { name: "Dark" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});

test("without an identity provider there is no such link, and its addresses lead to the sign-in page", async ({
  page,
  request,
}) => {
  await page.goto("/sign-in");
  await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Sign in with single sign-on" })).toHaveCount(0);
  for (const path of ["/sign-in/single-sign-on", "/api/auth/callback/oidc?code=1&state=2"]) {
    const answer = await request.get(path, { maxRedirects: 0 });
    expect([answer.status(), answer.headers().location]).toEqual([303, "/sign-in"]);
  }
});

import { operations } from "@/lib/contract/operations";
import { anotherPage, expect, test } from "./support/fixtures";

test("a token is explained in the browser, by the rules that hold now, and is not sent", async ({
  ownerPage: page,
  organization,
  key,
}) => {
  const sent: string[] = [];
  page.on("request", (request) => sent.push(`${request.url()} ${request.postData() ?? ""}`));
  const token = await key.token({ sub: "night job", scopes: ["git:read"], repo: "team/app" });
  const verdict = page.getByRole("status").filter({ hasText: /Accepted|Refused/ });
  const check = () => page.getByRole("button", { name: "Check token" }).click();

  await page.goto(`/${organization.slug}/settings/signing-keys`);
  await page.getByRole("link", { name: "Check a token" }).click();
  await page.getByRole("textbox", { name: "Token" }).fill(token);
  await check();
  await expect(verdict).toContainText("Accepted");
  await expect(verdict).toContainText("It acts as “night job”, on the repository team/app, for git:read.");
  await expect(page.getByRole("region", { name: "what stands in the token" })).toContainText('"sub": "night job"');

  await page.getByLabel("Needed scope").selectOption("repo:write");
  await check();
  await expect(verdict).toContainText("Refused with 403");
  await expect(verdict).toContainText("It lacks the scope repo:write.");
  await page.getByLabel("Needed scope").selectOption("");
  await page.getByLabel("Repository").fill("team/other");
  await check();
  await expect(verdict).toContainText("so it does not reach team/other.");

  await page.getByRole("link", { name: "Signing keys" }).last().click();
  await page.getByLabel("A token is good for at most").selectOption("15 minutes");
  await page.getByLabel("Audience").fill("two words");
  await page.getByRole("button", { name: "Save rules" }).click();
  await expect(page.locator("form").getByRole("alert")).toContainText("without blanks");
  await page.getByLabel("Audience").fill("https://keys.example.com");
  await page.getByRole("button", { name: "Save rules" }).click();
  await expect(page.getByText("Saved. The next request is judged by it.")).toBeVisible();

  const answer = await page.request.get(operations.listRepositories.path, {
    headers: { authorization: `Bearer ${await key.token()}` },
  });
  expect(answer.status()).toBe(401);
  expect(await answer.json()).toMatchObject({
    error: 'This organization takes tokens with the audience (aud) "https://keys.example.com" only.',
  });
  await page.goto(`/${organization.slug}/settings/signing-keys/check`);
  await page.getByRole("textbox", { name: "Token" }).fill(await key.token({ aud: "https://keys.example.com" }));
  await check();
  await expect(verdict).toContainText("Refused with 401");
  await expect(verdict).toContainText("at most 15 minutes. Sign this one for less.");

  const [, payload, signature] = token.split(".");
  expect(sent.filter((text) => text.includes(payload!) || text.includes(signature!))).toEqual([]);
  await page.goto(`/${organization.slug}/settings/audit`);
  await expect(page.getByRole("row").filter({ hasText: "Rules for tokens changed" })).toContainText("15");
});

test("a token made on the page keeps to the rules", async ({ ownerPage: page, organization, key, latchkey }) => {
  await latchkey.db.organization.update({
    where: { id: organization.id },
    data: { tokenAudience: "latchkey", tokenMaxMinutes: 15 },
  });
  await page.goto(`/${organization.slug}/settings/signing-keys`);
  await expect(page.getByLabel("Good for", { exact: true }).getByRole("option")).toHaveText(["15 minutes"]);
  await page.getByLabel("Private key").fill(key.privateKeyPem);
  await page.getByLabel("org:read").check();
  await page.getByRole("button", { name: "Make token" }).click();
  const token = await page.getByRole("region", { name: "the token" }).innerText();
  const answer = await page.request.get(operations.listRepositories.path, {
    headers: { authorization: `Bearer ${token.trim()}` },
  });
  expect(answer.status()).toBe(200);
});

test("a viewer reads the rules and checks tokens, and changes nothing", async ({
  ownerPage,
  baseURL,
  latchkey,
  organization,
  key,
  member,
  signIn,
}) => {
  const page = await anotherPage(ownerPage.context(), baseURL);
  await signIn(page, await member("viewer"));
  await page.goto(`/${organization.slug}/settings/signing-keys`);
  await expect(page.getByText("as long as they say")).toBeVisible();
  await expect(page.getByRole("button", { name: "Save rules" })).toHaveCount(0);
  await page.getByRole("link", { name: "Check a token" }).click();
  await page.getByRole("textbox", { name: "Token" }).fill(await key.token());
  await page.getByRole("button", { name: "Check token" }).click();
  await expect(page.getByText("The API lets it in.")).toBeVisible();

  // What the owner's form sends, sent by the viewer.
  await ownerPage.goto(`/${organization.slug}/settings/signing-keys`);
  await ownerPage.getByLabel("A token is good for at most").selectOption("1 hour");
  const [saved] = await Promise.all([
    ownerPage.waitForRequest((request) => request.method() === "POST"),
    ownerPage.getByRole("button", { name: "Save rules" }).click(),
  ]);
  await expect(ownerPage.getByText("Saved. The next request is judged by it.")).toBeVisible();
  await latchkey.db.organization.update({ where: { id: organization.id }, data: { tokenMaxMinutes: null } });
  const { "next-action": action, "content-type": contentType } = saved.headers();
  const replay = (by: typeof page) =>
    by.request.post(`/${organization.slug}/settings/signing-keys`, {
      headers: { "next-action": action!, "content-type": contentType! },
      data: saved.postDataBuffer()!,
    });
  const longest = async () =>
    (await latchkey.db.organization.findUniqueOrThrow({ where: { id: organization.id } })).tokenMaxMinutes;
  expect(await (await replay(page)).text()).toContain("Your role in this organization does not allow this");
  expect(await longest()).toBeNull();
  await replay(ownerPage);
  expect(await longest()).toBe(60);
});

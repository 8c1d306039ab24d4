import { readFile } from "node:fs/promises";
import { operations } from "@/lib/contract/operations";
import { makeKeyPair } from "@/prisma/factories";
import { expect, test } from "./support/fixtures";

test("a pair made in the browser signs tokens that the API accepts, until it is revoked", async ({
  ownerPage: page,
  organization,
}) => {
  const sent: string[] = [];
  page.on("request", (request) => sent.push(request.postData() ?? ""));
  await page.goto(`/${organization.slug}/settings/signing-keys`);
  await page.getByLabel("Name", { exact: true }).fill("laptop");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Make a pair in this browser" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("laptop.private-key.pem");
  const privateKey = await readFile(await download.path(), "utf8");
  expect(privateKey).toContain("BEGIN PRIVATE KEY");
  await expect(page.getByLabel("Public key")).toHaveValue(/BEGIN PUBLIC KEY/);
  await page.getByRole("button", { name: "Add key" }).click();
  await expect(page.getByText("The key is stored.")).toBeVisible();

  await page.getByLabel("Private key").fill(privateKey);
  await page.getByLabel("org:read").check();
  await page.getByRole("button", { name: "Make token" }).click();
  const token = await page.getByRole("region", { name: "the token" }).innerText();
  await expect(page.getByLabel("Private key")).toHaveValue("");
  const list = () =>
    page.request.get(operations.listRepositories.path, { headers: { authorization: `Bearer ${token.trim()}` } });
  expect((await list()).status()).toBe(200);
  const secretLine = privateKey.split("\n")[1]!;
  expect(sent.filter((body) => body.includes(secretLine))).toEqual([]);

  await page.reload();
  await expect(page.getByRole("row").filter({ hasText: "laptop" })).not.toContainText("Never");
  await page.getByRole("link", { name: "Revoke…" }).click();
  await expect(page.getByRole("link", { name: "Cancel" })).toBeFocused();
  await page.getByRole("button", { name: "Revoke key" }).click();
  await expect(page.getByText("The key is revoked.")).toBeVisible();
  expect((await list()).status()).toBe(401);
});

test("a pasted private key is caught before it is sent", async ({ ownerPage: page, organization }) => {
  const sent: string[] = [];
  page.on("request", (request) => request.method() === "POST" && sent.push(request.url()));
  await page.goto(`/${organization.slug}/settings/signing-keys`);
  await page.getByLabel("Name", { exact: true }).fill("oops");
  await page.getByLabel("Public key").fill(makeKeyPair("x").privateKeyPem);
  await page.getByRole("button", { name: "Add key" }).click();
  await expect(page.locator("form").getByRole("alert")).toContainText("This is a private key");
  expect(sent).toEqual([]);
});

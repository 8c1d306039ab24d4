import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { operations } from "@/lib/contract/operations";
import { expect, test } from "./support/fixtures";

const run = promisify(execFile);
const command = (script: string, args: string[], variables: Record<string, string> = {}) =>
  run(process.execPath, ["--import", "tsx", `scripts/${script}.ts`, ...args], {
    env: { PATH: process.env.PATH, NODE_ENV: "production", ...variables },
  });

test("npm run token prints a token that the API accepts", async ({ request, organization, key }, info) => {
  const file = info.outputPath("key.pem");
  writeFileSync(file, key.privateKeyPem, { mode: 0o600 });
  const { stdout } = await command("token", ["--key", file, "--org", organization.slug, "--scope", "org:read"]);
  const headers = { authorization: `Bearer ${stdout.trim()}` };
  expect((await request.get(operations.listRepositories.path, { headers })).status()).toBe(200);
  const wrong = await command("token", ["--key", "/nowhere", "--org", organization.slug]).catch(
    (error: unknown) => error,
  );
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("cannot be read") });
});

test("npm run admin resets the password of somebody who is locked out", async ({ page, latchkey, member }) => {
  const { email } = await member("admin");
  const variables = { LATCHKEY_DATA_DIR: latchkey.dataDir, LATCHKEY_URL: latchkey.url };
  const { stdout } = await command("admin", ["reset", email], variables);
  await page.goto(/http\S+/.exec(stdout)![0]);
  await page.getByRole("textbox", { name: "New password" }).fill("a password after the reset");
  await page.getByRole("button", { name: "Set password" }).click();
  await expect(page.getByText("Your new password is set.")).toBeVisible();
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill("a password after the reset");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Repositories" })).toBeVisible();
  const nobody = await command("admin", ["reset", "nobody@example.com"], variables).catch((error: unknown) => error);
  expect(nobody).toMatchObject({ code: 1, stderr: expect.stringContaining("Nobody signs in") });
});

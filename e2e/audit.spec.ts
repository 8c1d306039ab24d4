import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { makeRepository } from "@/prisma/factories";
import { callApi } from "./support/api";
import { expect, test } from "./support/fixtures";

test("what happened is listed, filtered, exported, and the export proves itself", async ({
  page,
  member,
  signIn,
  latchkey,
  organization,
  key,
}) => {
  await signIn(page, await member("owner"));
  const { id: repositoryId } = await makeRepository(latchkey.db, organization, "app");
  const token = await key.token({ sub: "=deploy-bot" });
  const created = await callApi(page.request, "createCredential", {
    token,
    body: { repo_id: repositoryId, password: "one" },
  });
  const { id } = (await created.json()) as { id: string };
  await callApi(page.request, "rotateCredential", { token, body: { id, password: "two" } });
  await callApi(page.request, "removeCredential", { token, body: { id } });

  await page.goto(`/${organization.slug}/settings/audit`);
  const cells = page.getByRole("table", { name: "Audit log" }).getByRole("row");
  await expect(cells).toHaveCount(5);
  await expect(cells.nth(1)).toContainText("Credential removed");
  await expect(cells.nth(1)).toContainText("=deploy-bot (token)");
  await expect(cells.nth(1).getByRole("cell").nth(5)).toHaveText("127.0.0.1");
  await page.getByLabel("Action").selectOption("credential.rotated");
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(cells).toHaveCount(2);
  await page.getByLabel("Who").fill("nobody");
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page.getByText("No event matches")).toBeVisible();
  await page.getByRole("link", { name: "Show all" }).click();
  await expect(cells).toHaveCount(5);

  const save = async (name: string) => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name }).click()]);
    return readFile(await download.path(), "utf8");
  };
  const lines = (await save("JSON Lines"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { seq: number; payload: string; prev_hash: string; hash: string });
  expect(lines.map(({ payload }) => (JSON.parse(payload) as { action: string }).action)).toEqual([
    "member.signed_in",
    "credential.created",
    "credential.rotated",
    "credential.removed",
    "audit.exported",
  ]);
  let previous = "00".repeat(32);
  for (const { seq, payload, prev_hash, hash } of lines) {
    expect(prev_hash).toBe(previous);
    const bytes = Buffer.concat([Buffer.from(previous, "hex"), Buffer.from(`${seq}\n${payload}`)]);
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(hash);
    previous = hash;
  }
  const csv = await save("CSV");
  expect(csv.split("\n")[0]).toBe(
    "seq,at,action,actor_kind,actor,address,target_kind,target_id,request_id,details,payload,prev_hash,hash",
  );
  // What a spreadsheet would take for a formula is text.
  expect(csv).toContain("'=deploy-bot");
});

test("the check says that the log is whole, and of one that was broken which event is the first", async ({
  ownerPage: page,
  latchkey,
  organization,
  key,
}) => {
  const { id: repositoryId } = await makeRepository(latchkey.db, organization, "app");
  const token = await key.token();
  const body = { repo_id: repositoryId, password: "one" };
  const { id } = (await (await callApi(page.request, "createCredential", { token, body })).json()) as { id: string };
  await callApi(page.request, "rotateCredential", { token, body: { id, password: "two" } });
  await callApi(page.request, "removeCredential", { token, body: { id } });

  await page.goto(`/${organization.slug}/settings/audit`);
  await page.getByRole("button", { name: "Check now" }).click();
  const found = page.getByRole("status").filter({ hasText: "The log is" });
  await expect(found).toContainText(/The log is whole: \d+ events/);
  const organizationId = organization.id;
  const { hash } = await latchkey.db.auditChain.findUniqueOrThrow({ where: { organizationId } });
  await expect(found).toContainText(`Its last hash is ${Buffer.from(hash).toString("hex").slice(0, 12)}…`);

  const rotated = { organizationId, action: "credential.rotated" };
  const { seq } = await latchkey.db.auditEvent.findFirstOrThrow({ where: rotated });
  await latchkey.db.auditEvent.updateMany({ where: rotated, data: { payload: "nothing that was hashed" } });
  await page.getByRole("button", { name: "Check now" }).click();
  await expect(found).toContainText("The log is not as it was recorded.");
  await expect(found).toContainText(`Event ${seq} was edited: what it says is not what was hashed.`);
  // What is left of it is still listed.
  await expect(page.getByRole("row").filter({ hasText: "Credential rotated" })).toContainText("ci (token)");
});

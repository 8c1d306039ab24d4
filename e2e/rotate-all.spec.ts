import { makeRepository } from "@/prisma/factories";
import { callApi } from "./support/api";
import { expect, test } from "./support/fixtures";

test("one secret is rotated for every repository that shares it, with mixed results on one page", async ({
  ownerPage: page,
  latchkey,
  organization,
  gitHost,
  key,
  mirrored,
  hostToken,
}) => {
  const token = await key.token();
  const [shared, fresh] = [hostToken("write"), hostToken("write")];
  const upstream = { provider: "gitlab" as const, host: gitHost.host, owner: "acme", name: "not-there" };
  const repositories = [
    await mirrored("team/one"),
    await mirrored("team/two"),
    await makeRepository(latchkey.db, organization, "team/gone", upstream),
  ];
  for (const { id } of repositories) {
    await callApi(page.request, "createCredential", {
      token,
      body: { repo_id: id, username: "bot", password: shared },
    });
  }
  await page.goto(`/${organization.slug}/repos/team%2Fone/settings/credential`);
  await expect(page.getByText("The same token is used by 2 other repositories.")).toBeVisible();
  await page.getByRole("link", { name: "Rotate it for all 3" }).click();
  await page.getByLabel("New token or password").fill(fresh);
  await page.getByRole("button", { name: "Rotate for all" }).click();
  await expect(page.getByText("Tick this to rotate all of them.").first()).toBeVisible();
  await page.getByLabel("Rotate it wherever this token is used").check();
  await page.getByRole("button", { name: "Rotate for all" }).click();
  await expect(page.getByRole("heading", { name: "Finished" })).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText("3 of 3 done: 2 rotated, 1 kept the old secret, 0 failed.")).toBeVisible();
  const gone = page.getByRole("row", { name: /team\/gone/ });
  await expect(gone).toContainText("shows no such repository to the new one (404)");
  expect(await page.content()).not.toContain(fresh);

  const id = page.url().split("/").at(-1)!;
  const read = await callApi(page.request, "readRotation", { token, params: { rotation: id } });
  expect(await read.json()).toMatchObject({ id, state: "finished", counts: { rotated: 2, kept: 1, waiting: 0 } });
  await page.getByRole("link", { name: "team/two" }).click();
  await expect(page.getByText("The same token is used by 1 other repository.")).toBeVisible();
  expect(latchkey.output()).not.toContain(fresh);
});

test("scripts rotate a shared token everywhere at once", async ({ request, key, latchkey, mirrored, hostToken }) => {
  const token = await key.token();
  const [shared, fresh] = [hostToken("write"), hostToken("write")];
  const ids: string[] = [];
  for (const name of ["one", "two"]) {
    const { id: repo_id } = await mirrored(name);
    const created = await callApi(request, "createCredential", { token, body: { repo_id, password: shared } });
    ids.push(((await created.json()) as { id: string }).id);
  }
  const body = { id: ids[0], password: fresh };
  const bound = await key.token({ repo: "one" });
  expect((await callApi(request, "rotateMatching", { token: bound, body })).status()).toBe(403);
  expect((await callApi(request, "rotateMatching", { token, body: { ...body, id: "ggc_none" } })).status()).toBe(404);
  const accepted = await callApi(request, "rotateMatching", { token, body });
  expect(accepted.status()).toBe(202);
  const job = (await accepted.json()) as { id: string; total: number };
  expect(job.total).toBe(2);
  const state = async () => {
    const read = await callApi(request, "readRotation", { token, params: { rotation: job.id } });
    return ((await read.json()) as { state: string }).state;
  };
  await expect.poll(state, { timeout: 30_000 }).toBe("finished");
  const rows = await latchkey.db.gitCredential.findMany({ where: { id: { in: ids } } });
  expect(rows.map(({ currentVersion, testOutcome }) => [currentVersion, testOutcome])).toEqual([
    [2, "reads_and_writes"],
    [2, "reads_and_writes"],
  ]);
});

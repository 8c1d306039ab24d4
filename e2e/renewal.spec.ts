import { callApi } from "./support/api";
import { anotherPage, expect, test } from "./support/fixtures";

const DAY_MS = 24 * 60 * 60 * 1000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();

test.afterEach(({ gitHost }) => {
  gitHost.tokenDescription = {};
});

test("a token that may renew itself is let do so with one click, and the page says when", async ({
  ownerPage: page,
  context,
  baseURL,
  gitHost,
  latchkey,
  organization,
  mirrored,
  member,
  signIn,
  hostToken,
}) => {
  gitHost.tokenDescription = {
    created_at: inDays(-10),
    expires_at: inDays(27).slice(0, 10),
    scopes: ["read_repository", "write_repository", "self_rotate"],
  };
  await mirrored("app");
  const { id: repositoryId } = await mirrored("sharing");
  const token = hostToken();
  const page_ = (name: string) => `/${organization.slug}/repos/${name}/settings/credential`;
  for (const name of ["sharing", "app"]) {
    await page.goto(page_(name));
    await page.getByLabel("Token or password").fill(token);
    await page.getByRole("button", { name: "Add credential" }).click();
    await expect(page.getByText("Stored, and sealed to this upstream.")).toBeVisible();
  }
  const panel = page.getByRole("region", { name: "Renewal" });
  await expect(panel.getByText("The other repository here that uses it gets the new one too.")).toBeVisible();
  await panel.getByRole("button", { name: "Let it renew itself" }).click();
  await expect(page.getByText("Turned on. The host is asked for a new token before this one ends.")).toBeVisible();
  await expect(panel.getByText("Renews itself: ")).toBeVisible();
  await expect(panel.getByText(/in (19|20) days/)).toBeVisible();
  await expect(page.getByText("Renewal turned on")).toBeVisible();

  await page.goto(page_("sharing"));
  await expect(panel.getByText("together with the credential of app")).toBeVisible();
  await expect(panel.getByRole("button")).toHaveCount(0);

  const viewing = await anotherPage(context, baseURL);
  await signIn(viewing, await member("viewer"));
  await viewing.goto(page_("app"));
  await expect(viewing.getByText("Renews itself: ")).toBeVisible();
  await expect(viewing.getByRole("button", { name: "Turn off" })).toHaveCount(0);
  await viewing.close();

  await page.goto(page_("app"));
  await panel.getByRole("button", { name: "Turn off" }).click();
  await expect(page.getByText("Turned off. The token ends when it ends.")).toBeVisible();
  await expect(panel.getByRole("button", { name: "Let it renew itself" })).toBeVisible();
  expect(await latchkey.db.gitCredential.findUniqueOrThrow({ where: { repositoryId } })).toMatchObject({
    renews: false,
  });
});

test("a renewal that was cut off is told of, with what to do", async ({
  ownerPage: page,
  request,
  key,
  latchkey,
  organization,
  mirrored,
  hostToken,
}) => {
  const { id } = await mirrored("app");
  const body = { repo_id: id, password: hostToken() };
  const answer = await callApi(request, "createCredential", { token: await key.token(), body });
  expect(answer.status()).toBe(201);
  const { id: credentialId, fingerprint } = await latchkey.db.gitCredential.findFirstOrThrow({
    where: { repositoryId: id },
  });
  const at = new Date();
  await latchkey.db.renewal.create({
    data: {
      id: `rot_${Date.now().toString(16)}`,
      organizationId: organization.id,
      credentialId,
      version: 1,
      fingerprint: fingerprint!,
      host: "localhost",
      askedAt: at,
      endedAt: at,
      outcome: "cut_off",
    },
  });
  await page.goto(`/${organization.slug}/repos/app/settings/credential`);
  await expect(page.getByText("The renewal was cut off")).toBeVisible();
  await expect(page.getByRole("link", { name: "Make a new token" })).toBeVisible();
});

import { anotherPage, expect, test } from "./support/fixtures";

test("the account page lists where one is signed in, and ends one session or all others", async ({
  page,
  baseURL,
  browser,
  organization,
  member,
  signIn,
}) => {
  const who = await member("viewer");
  await signIn(page, who);
  const two = await anotherPage(page.context(), baseURL);
  await signIn(two, who);
  const userAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
  const three = await (await browser.newContext({ baseURL, userAgent, javaScriptEnabled: false })).newPage();
  await signIn(three, who);

  await page.goto("/account");
  const rows = page.getByRole("table", { name: "Sessions" }).getByRole("row");
  await expect(rows).toHaveCount(4);
  const mine = rows.filter({ hasText: "this one" });
  await expect(mine).toContainText(/Chrom(e|ium) on \w+/);
  await expect(mine).toContainText(/127\.0\.0\.1|::1/);
  await expect(mine).toContainText("password");
  await rows.filter({ hasText: "Firefox on Linux" }).getByRole("button", { name: "End" }).click();
  await expect(page.getByText("The session is ended.")).toBeVisible();
  await expect(rows).toHaveCount(3);
  await three.goto(`/${organization.slug}/repos`);
  await expect(three).toHaveURL(/\/sign-in\?next=/);

  // Before JavaScript, from the one that signs in anew.
  await signIn(three, who);
  await three.goto("/account");
  await three.getByRole("button", { name: "End all others" }).click();
  await expect(three.getByText("signed out everywhere but here")).toBeVisible();
  await expect(three.getByRole("button", { name: "End all others" })).toHaveCount(0);
  for (const other of [page, two]) {
    await other.goto(`/${organization.slug}/repos`);
    await expect(other).toHaveURL(/\/sign-in\?next=/);
  }
  await three.context().close();
  await two.close();
});

import { gzipSync } from "node:zlib";
import type { Page } from "@playwright/test";
import { makeRepository } from "@/prisma/factories";
import { expect, test } from "./support/fixtures";

const BUDGET_BYTES = 60 * 1024;

/** The JavaScript that a page runs, gzip, in bytes. */
async function javaScriptOf(page: Page, path: string): Promise<number> {
  const sizes: Promise<number>[] = [];
  const read = (response: Awaited<ReturnType<Page["waitForResponse"]>>) => {
    if (response.request().resourceType() !== "script") return;
    sizes.push(response.body().then((body) => gzipSync(body).length));
  };
  page.on("response", read);
  await page.goto(path, { waitUntil: "load" });
  page.off("response", read);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

test("the repositories and credential pages stay within their budget above an empty page", async ({
  ownerPage: page,
  latchkey,
  organization,
}) => {
  await makeRepository(latchkey.db, organization, "app");
  const empty = await javaScriptOf(page, "/no/such/page");
  expect(empty).toBeGreaterThan(50 * 1024);
  for (const path of ["repos", "repos/app/settings/credential"]) {
    const bytes = await javaScriptOf(page, `/${organization.slug}/${path}`);
    console.log(
      `${path}: ${Math.round((bytes - empty) / 1024)} KB above an empty page of ${Math.round(empty / 1024)} KB`,
    );
    expect(bytes - empty, path).toBeLessThan(BUDGET_BYTES);
  }
});

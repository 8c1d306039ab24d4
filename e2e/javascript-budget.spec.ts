import { gzipSync } from "node:zlib";
import type { Page, Request } from "@playwright/test";
import { makeRepository } from "@/prisma/factories";
import { expect, test } from "./support/fixtures";

const BUDGET_BYTES = 60 * 1024;

/** The JavaScript that a page asks for until it is loaded, gzip, in bytes. */
async function javaScriptOf(page: Page, path: string): Promise<number> {
  const scripts = new Set<string>();
  const note = (request: Request) => {
    if (request.resourceType() === "script") scripts.add(request.url());
  };
  page.on("request", note);
  await page.goto(path, { waitUntil: "load" });
  page.off("request", note);
  // Asked for once more: the browser drops the bodies of answers when it pleases.
  const bodies = await Promise.all([...scripts].map(async (url) => (await page.request.get(url)).body()));
  return bodies.reduce((sum, body) => sum + gzipSync(body).length, 0);
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

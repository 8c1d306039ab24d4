import { makeRepository } from "@/prisma/factories";
import { expect, test } from "./support/fixtures";

declare global {
  interface Window {
    layoutShift: number;
  }
}

test("nothing moves while the repositories and credential pages load", async ({
  ownerPage: page,
  latchkey,
  organization,
}) => {
  await makeRepository(latchkey.db, organization, "app");
  await page.addInitScript(() => {
    window.layoutShift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        window.layoutShift += (entry as PerformanceEntry & { value: number }).value;
    }).observe({ type: "layout-shift" });
  });
  for (const path of ["repos", "repos/app/settings/credential"]) {
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 800 });
      await page.goto(`/${organization.slug}/${path}`, { waitUntil: "load" });
      await page.evaluate(async () => {
        await document.fonts.ready;
        // Two frames on, what the fonts and the scripts moved has been reported.
        for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
      });
      expect(await page.evaluate(() => window.layoutShift), `${path} at ${width}`).toBe(0);
    }
  }
});

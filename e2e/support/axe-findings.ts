import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";

/**
 * What axe finds on the page as it stands, a line for each rule, by all rules or by these only. Our pages have no frames of another origin, so axe works in
 * the page itself and hands over its findings alone: a third of the time, and these tests are the longest.
 */
export async function axeFindings(page: Page, only?: string[]): Promise<string[]> {
  const runOnly = only && { runOnly: { type: "rule" as const, values: only } };
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ["violations"], ...runOnly });
  const { violations } = await axe.analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join("\n")}`);
}

/** The path of a Chromium, or undefined where Playwright finds its own. */
export function getBrowser(): string | undefined;

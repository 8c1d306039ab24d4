import Bowser from "bowser";

/** Longer than any browser's; what is beyond would only cost time to read. */
const MOST = 500;

/** A browser by its User-Agent header, in words: "Firefox on Linux". */
export function browserWords(userAgent: string | null): string {
  if (!userAgent) return "Unknown browser";
  const parser = Bowser.getParser(userAgent.slice(0, MOST));
  const [browser, system] = [parser.getBrowserName(), parser.getOSName()];
  if (!browser) return system ? `Unknown browser on ${system}` : "Unknown browser";
  return system ? `${browser} on ${system}` : browser;
}

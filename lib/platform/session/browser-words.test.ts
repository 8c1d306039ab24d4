import { expect, it } from "vitest";
import { browserWords } from "./browser-words";

it.each([
  ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"],
  [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
    "Safari on macOS",
  ],
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
    "Microsoft Edge on Windows",
  ],
  [null, "Unknown browser"],
  ["", "Unknown browser"],
  ["(Windows NT 10.0)", "Unknown browser on Windows"],
])("calls %s %s", (userAgent, words) => expect(browserWords(userAgent)).toBe(words));

it("is not impressed by a long one", () => expect(browserWords("x".repeat(100_000)).length).toBeLessThan(600));

import { errorFacts } from "./error-facts";
import { log } from "./log";

const LEVELS = { error: "error", warn: "warn", log: "debug", info: "debug", debug: "debug", trace: "debug" } as const;

/**
 * Sends what libraries print, and what nobody caught, to the log: Next prints an error of a page with its message, which
 * can hold what a client or a database said. Of an error its facts are kept; of other text, where it was printed.
 */
export function strayOutputToLog(): void {
  for (const [method, level] of Object.entries(LEVELS)) {
    console[method as keyof typeof LEVELS] = (...printed: unknown[]) => {
      const error = printed.find((each) => each instanceof Error);
      if (error) log[level](errorFacts(error), "a library reported an error");
      else log.debug({ frames: errorFacts(new Error()).frames }, "a library printed something");
    };
  }
  process.on("uncaughtException", (error) => {
    log.fatal(errorFacts(error), "nobody caught this; the process ends");
    process.exit(1);
  });
}

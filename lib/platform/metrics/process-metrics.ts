import path from "node:path";
import { collectDefaultMetrics, Registry } from "prom-client";

/** What this process counts; every metric says which process it is of. */
export const registry = new Registry();
registry.setDefaultLabels({ process: path.basename(process.argv[1] ?? "node", ".ts") });
collectDefaultMetrics({ register: registry });

/** What the launcher asks a process for at every scrape. */
export const ASK_FOR_METRICS = "metrics?";

/** Answers the launcher, which serves the metrics of all processes together. */
export function answerForMetrics(): void {
  process.on("message", (message) => {
    if (message !== ASK_FOR_METRICS) return;
    void registry.getMetricsAsJSON().then((metrics) => process.send?.({ metrics }));
  });
}

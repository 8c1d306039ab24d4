import { Counter, Histogram } from "prom-client";
import type { SyncOutcome } from "@/lib/contract/sync-runs";
import { registry } from "@/lib/platform/metrics/process-metrics";

const runs = new Counter({
  name: "latchkey_sync_runs_total",
  help: 'Pulls that ended, by outcome; "failed" is a failure of our own.',
  labelNames: ["outcome"],
  registers: [registry],
});
const seconds = new Histogram({
  name: "latchkey_sync_run_seconds",
  help: "How long pulls took.",
  buckets: [0.5, 1, 2.5, 5, 10, 30, 60, 300, 900],
  registers: [registry],
});

/** Counts a pull that ended. */
export function countPull(outcome: SyncOutcome | "failed", ms: number): void {
  runs.inc({ outcome });
  seconds.observe(ms / 1000);
}

import { Counter, Histogram } from "prom-client";
import { registry } from "@/lib/platform/metrics/process-metrics";

const ended = new Counter({
  name: "latchkey_jobs_ended_total",
  help: 'Jobs that ended, by kind and outcome; "failed" is a failure of our own.',
  labelNames: ["job", "outcome"],
  registers: [registry],
});
const seconds = new Histogram({
  name: "latchkey_job_seconds",
  help: "How long jobs took.",
  labelNames: ["job"],
  buckets: [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900],
  registers: [registry],
});

/** Counts something that the worker did to its end, and how long it took where that is known. */
export function countJob(job: string, outcome: string, ms?: number): void {
  ended.inc({ job, outcome });
  if (ms !== undefined) seconds.observe({ job }, ms / 1000);
}

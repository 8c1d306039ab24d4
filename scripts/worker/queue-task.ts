import type { Task } from "graphile-worker";
import { unknownError } from "@/lib/platform/api/error-response";
import { log, type LogFields } from "@/lib/platform/log";
import { countJob } from "./count-job";

type Subject = Pick<
  LogFields,
  "organization_id" | "repository_id" | "delivery_id" | "rotation_id" | "import_id" | "events" | "head"
>;

/** What came of a job, and what it was about. */
interface JobEnd extends Subject {
  /** "postponed" is for one that is in the queue again without having begun: it is not counted. */
  outcome: string;
  /** Whether the queue is to try it again, later each time. */
  again?: boolean;
  /** A sentence for whoever watches the log, where the job found something wrong. */
  problem?: string | undefined;
}

/** A task of the queue: each of its jobs leaves a line in the log and a count in the metrics, whatever becomes of it. */
export function queueTask<Payload>(
  name: string,
  run: (payload: Payload, about: { requestId: string; last: boolean }) => Promise<JobEnd>,
): Task {
  return async (payload, { job }) => {
    const requestId = `job-${job.id}`;
    const started = performance.now();
    const passed = () => Math.round(performance.now() - started);
    const about = { requestId, last: job.attempts >= job.max_attempts };
    const { again, ...end } = await run(payload as Payload, about).catch((error: unknown) => {
      countJob(name, "failed", passed());
      // The queue keeps the message of what is thrown: it gets one of ours, never a database's.
      throw new Error(unknownError(error, requestId).code);
    });
    const ms = passed();
    if (end.outcome !== "postponed") countJob(name, end.outcome, ms);
    const level = end.problem === undefined ? "info" : "error";
    log[level]({ request_id: requestId, operation: name.replaceAll("_", " "), ...end, ms });
    if (again) throw new Error(`${name} ended: ${end.outcome}`);
  };
}

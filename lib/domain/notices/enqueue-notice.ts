import { sqltag as sql, type Sql } from "@prisma/client/runtime/client";

/** What the worker is told: that something is kept for a message of one event to one recipient. */
export interface NoticeJob {
  organizationId: string;
  recipient: string;
  event: string;
}

/** What happens at once is told in one message: that long the first event waits for others. */
const COLLECT_SECONDS = 60;

/**
 * Puts the next message of an event to a recipient into the job queue, where it is not there yet: in a minute, and an
 * hour after the last one at the soonest.
 */
export function noticeJobCall(
  { organizationId, event, now }: Omit<NoticeJob, "recipient"> & { now: Date },
  { recipient, toldAt }: { recipient: Sql; toldAt: Sql },
): Sql {
  return sql`(graphile_worker.add_job(
    'tell_notice',
    json_build_object('organizationId', ${organizationId}::text, 'recipient', ${recipient}, 'event', ${event}::text),
    run_at := greatest(${now}::timestamptz + ${COLLECT_SECONDS}::int * interval '1 second', ${toldAt} + interval '1 hour'),
    job_key := concat_ws(' ', 'notice', ${organizationId}::text, ${recipient}, ${event}::text),
    job_key_mode := 'preserve_run_at'
  )).id::text`;
}

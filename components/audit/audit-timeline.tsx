import { RelativeTime } from "@/components/ui/relative-time";
import { AUDIT_WORDS } from "@/lib/contract/audit-actions";
import type { AuditRow } from "@/lib/contract/audit-row";
import { actorWords } from "./audit-words";

/** The newest events of one thing, newest first. */
export function AuditTimeline({ events }: { events: readonly AuditRow[] }) {
  if (events.length === 0) return <p className="text-sm text-muted">Nothing has happened yet.</p>;
  return (
    <ol className="space-y-2.5 text-sm">
      {events.map((event) => (
        <li key={event.seq} className="flex flex-wrap items-baseline justify-between gap-x-4">
          <span>
            {AUDIT_WORDS[event.action]}
            {typeof event.details.version === "number" && event.details.version > 1 && (
              <span className="text-muted"> (version {event.details.version})</span>
            )}
            <span className="text-muted"> by {actorWords(event.actor)}</span>
          </span>
          <span className="text-muted">
            <RelativeTime date={event.at} />
          </span>
        </li>
      ))}
    </ol>
  );
}

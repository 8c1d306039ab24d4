import { RelativeTime } from "@/components/ui/relative-time";
import { Cell, HeadCell, Table } from "@/components/ui/table";
import { AUDIT_WORDS } from "@/lib/contract/audit-actions";
import type { AuditRow } from "@/lib/contract/audit-row";
import { actorWords, subjectWords } from "./audit-words";

export function AuditTable({ events }: { events: readonly AuditRow[] }) {
  return (
    <Table
      caption="Audit log"
      head={
        <>
          <HeadCell>No.</HeadCell>
          <HeadCell>When</HeadCell>
          <HeadCell>Who</HeadCell>
          <HeadCell>What</HeadCell>
          <HeadCell>On what</HeadCell>
          <HeadCell>From</HeadCell>
          <HeadCell>Details</HeadCell>
        </>
      }
    >
      {events.map((event) => (
        <tr key={event.seq}>
          <Cell className="text-muted tabular-nums">{event.seq}</Cell>
          <Cell className="text-muted">
            <RelativeTime date={event.at} />
          </Cell>
          <Cell className="max-w-52 break-words">{actorWords(event.actor)}</Cell>
          <Cell>{AUDIT_WORDS[event.action]}</Cell>
          <Cell className="max-w-52 break-words">{subjectWords(event)}</Cell>
          <Cell className="max-w-52 font-mono text-xs break-words text-muted">{event.address}</Cell>
          <Cell className="max-w-64 font-mono text-xs break-words text-muted">
            {Object.entries(event.details)
              .map(([name, value]) => `${name}=${value}`)
              .join(" ")}
          </Cell>
        </tr>
      ))}
    </Table>
  );
}

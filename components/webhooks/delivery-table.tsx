import type { FormAction } from "@/components/ui/action-form";
import { RelativeTime } from "@/components/ui/relative-time";
import { Cell, HeadCell, Table } from "@/components/ui/table";
import { deliverySentence, type DeliveryRow } from "@/lib/contract/webhooks";
import { DeliveryBadge } from "./delivery-badge";
import { WebhookActForm } from "./webhook-act-form";

interface DeliveryTableProps {
  rows: readonly DeliveryRow[];
  replay: FormAction<{ id: string }>;
}

/** The log of what was sent, newest first, each with a way to send it again. */
export function DeliveryTable({ rows, replay }: DeliveryTableProps) {
  return (
    <Table
      caption="Delivery log"
      head={
        <>
          <HeadCell>Event</HeadCell>
          <HeadCell>State</HeadCell>
          <HeadCell>Answer</HeadCell>
          <HeadCell>Attempts</HeadCell>
          <HeadCell>Happened</HeadCell>
          <HeadCell>
            <span className="sr-only">Send again</span>
          </HeadCell>
        </>
      }
    >
      {rows.map((row) => (
        <tr key={row.id}>
          <Cell className="font-mono text-[0.8125rem]">{row.event}</Cell>
          <Cell>
            <DeliveryBadge state={row.state} />
          </Cell>
          <Cell className="max-w-64 min-w-40">{deliverySentence(row)}</Cell>
          <Cell className="text-muted tabular-nums">{row.attempts}</Cell>
          <Cell className="text-muted">
            <RelativeTime date={row.createdAt} />
          </Cell>
          <Cell className="text-right">
            {row.state !== "waiting" && (
              <WebhookActForm action={replay} id={row.id} busy="Sending…" label={`Send ${row.event} again`}>
                Replay
              </WebhookActForm>
            )}
          </Cell>
        </tr>
      ))}
    </Table>
  );
}

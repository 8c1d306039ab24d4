import Link from "next/link";
import { RelativeTime } from "@/components/ui/relative-time";
import { Cell, HeadCell, Table } from "@/components/ui/table";
import { webhookPath } from "@/lib/contract/paths";
import type { WebhookRow } from "@/lib/contract/webhooks";
import { WebhookState } from "./webhook-state";

export function WebhookTable({ organization, webhooks }: { organization: string; webhooks: readonly WebhookRow[] }) {
  return (
    <Table
      caption="Webhooks"
      head={
        <>
          <HeadCell>Address</HeadCell>
          <HeadCell>Events</HeadCell>
          <HeadCell>State</HeadCell>
          <HeadCell>Last attempt</HeadCell>
        </>
      }
    >
      {webhooks.map((webhook) => (
        <tr key={webhook.id}>
          <Cell className="max-w-72 min-w-56">
            <Link
              href={webhookPath(organization, webhook.id)}
              className="font-mono text-[0.8125rem] break-all underline decoration-strong underline-offset-4 hover:decoration-text"
            >
              {webhook.format === "slack" ? `${new URL(webhook.url).host} (Slack)` : webhook.url}
            </Link>
          </Cell>
          <Cell className="text-muted tabular-nums">{webhook.events.length}</Cell>
          <Cell>
            <WebhookState webhook={webhook} />
          </Cell>
          <Cell className="text-muted">{webhook.last ? <RelativeTime date={webhook.last.at} /> : "Never"}</Cell>
        </tr>
      ))}
    </Table>
  );
}

import { Copyable } from "@/components/ui/copyable";
import { Facts } from "@/components/ui/facts";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import type { WebhookRow } from "@/lib/contract/webhooks";

const SEALED = "Stored sealed, and not shown. For another one, add another webhook.";

/** What is known of a webhook; its secret is not. */
export function WebhookAbout({ webhook }: { webhook: WebhookRow }) {
  const slack = webhook.format === "slack";
  const copyable = <Copyable key="url" text={webhook.url} what="the webhook's address" />;
  return (
    <Panel title="About">
      <Facts
        facts={[
          ["Address", slack ? new URL(webhook.url).host : copyable],
          ["Id", <Copyable key="id" text={webhook.id} what="the webhook's id" />],
          ["Events", webhook.events.join(", ")],
          ["Secret", slack ? "The rest of its address: stored sealed, and not shown." : SEALED],
          ["Added by", webhook.addedBy],
          ["Added", <RelativeTime key="added" date={webhook.createdAt} />],
        ]}
      />
    </Panel>
  );
}

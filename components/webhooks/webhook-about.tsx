import { Copyable } from "@/components/ui/copyable";
import { Facts } from "@/components/ui/facts";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import type { WebhookRow } from "@/lib/contract/webhooks";

/** What is known of a webhook; its secret is not. */
export function WebhookAbout({ webhook }: { webhook: WebhookRow }) {
  return (
    <Panel title="About">
      <Facts
        facts={[
          ["Address", <Copyable key="url" text={webhook.url} what="the webhook's address" />],
          ["Id", <Copyable key="id" text={webhook.id} what="the webhook's id" />],
          ["Events", webhook.events.join(", ")],
          ["Secret", "Stored sealed, and not shown. For another one, add another webhook."],
          ["Added by", webhook.addedBy],
          ["Added", <RelativeTime key="added" date={webhook.createdAt} />],
        ]}
      />
    </Panel>
  );
}

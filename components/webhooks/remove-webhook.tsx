import type { FormAction } from "@/components/ui/action-form";
import { ConfirmAct } from "@/components/ui/confirm-act";
import { LinkButton } from "@/components/ui/link-button";
import { Panel } from "@/components/ui/panel";
import { webhookPath } from "@/lib/contract/paths";

interface RemoveWebhookProps {
  organization: string;
  id: string;
  host: string;
  /** Whether the question is open. */
  asked: boolean;
  action: FormAction<void>;
}

/** Removing: first asked for, then confirmed. */
export function RemoveWebhook({ organization, id, host, asked, action }: RemoveWebhookProps) {
  const page = webhookPath(organization, id);
  if (asked) {
    return (
      <ConfirmAct
        title={`Remove the webhook to ${host}?`}
        action={action}
        hidden={{ id }}
        cancel={page}
        verb="Remove webhook"
        busy="Removing…"
      >
        Nothing more is sent to it. Its secret and its log are erased.
      </ConfirmAct>
    );
  }
  return (
    <Panel title="Remove">
      <p className="max-w-prose text-sm text-muted">Nothing more is sent, and its secret and its log are erased.</p>
      <LinkButton href={`${page}?act=remove`} scroll={false} className="mt-4">
        Remove webhook…
      </LinkButton>
    </Panel>
  );
}

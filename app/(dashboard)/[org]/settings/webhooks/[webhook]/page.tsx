import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { RefreshWhile } from "@/components/ui/refresh-while";
import { NoPermission } from "@/components/ui/no-permission";
import { PageHeader } from "@/components/ui/page-header";
import { DeliveryLog } from "@/components/webhooks/delivery-log";
import { RemoveWebhook } from "@/components/webhooks/remove-webhook";
import { WebhookAbout } from "@/components/webhooks/webhook-about";
import { WebhookActForm } from "@/components/webhooks/webhook-act-form";
import { WebhookNotices } from "@/components/webhooks/webhook-notices";
import { WebhookState } from "@/components/webhooks/webhook-state";
import { repositoriesPath } from "@/lib/contract/paths";
import { webhookPageQuery } from "@/lib/contract/webhooks";
import { may } from "@/lib/domain/access/permissions";
import { DomainError } from "@/lib/domain/errors";
import { listDeliveries } from "@/lib/domain/webhooks/list-deliveries";
import { readWebhook } from "@/lib/domain/webhooks/list-webhooks";
import { memberContext } from "@/lib/platform/session/current-member";
import { removeThisWebhook, replayThisDelivery, testThisWebhook } from "./actions";

export const metadata: Metadata = { title: "Webhook" };

const PAGE_SIZE = 25;

export default async function WebhookPage({ params, searchParams }: PageProps<"/[org]/settings/webhooks/[webhook]">) {
  const { org, webhook: id } = await params;
  const ctx = await memberContext(org);
  if (!may(ctx.actor, "webhook:read")) {
    return <NoPermission back={repositoriesPath(org)}>Only owners and admins see the webhooks.</NoPermission>;
  }
  const { done, act, page } = webhookPageQuery.parse(await searchParams);
  const webhook = await readWebhook(ctx, id).catch(notFoundPage);
  const { rows, total } = await listDeliveries(ctx, { webhookId: id, page, pageSize: PAGE_SIZE });
  const waiting = rows.some(({ state, attempts }) => state === "waiting" && attempts === 0);
  const { host } = new URL(webhook.url);
  return (
    <>
      <PageHeader
        title={webhook.format === "slack" ? `Slack channel at ${host}` : `Webhook to ${host}`}
        actions={
          <WebhookActForm action={testThisWebhook.bind(null, org)} id={id} busy="Sending…" label="Send a test">
            Send test
          </WebhookActForm>
        }
      >
        <WebhookState webhook={webhook} />
      </PageHeader>
      <RefreshWhile active={waiting} />
      <div className="space-y-5">
        <WebhookNotices done={done} pausedAt={webhook.pausedAt} waiting={waiting} />
        <WebhookAbout webhook={webhook} />
        <DeliveryLog
          organization={org}
          webhookId={id}
          rows={rows}
          total={total}
          page={page}
          pageSize={PAGE_SIZE}
          replay={replayThisDelivery.bind(null, org)}
        />
        <RemoveWebhook
          organization={org}
          id={id}
          host={host}
          asked={act === "remove"}
          action={removeThisWebhook.bind(null, org)}
        />
      </div>
    </>
  );
}

function notFoundPage(error: unknown): never {
  if (error instanceof DomainError && error.code === "not_found") notFound();
  throw error;
}

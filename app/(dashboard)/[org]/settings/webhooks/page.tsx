import type { Metadata } from "next";
import Link from "next/link";
import { EmptyState } from "@/components/ui/empty-state";
import { NoPermission } from "@/components/ui/no-permission";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { Panel } from "@/components/ui/panel";
import { AddSlackPanel } from "@/components/webhooks/add-slack-panel";
import { AddWebhookForm } from "@/components/webhooks/add-webhook-form";
import { WebhookTable } from "@/components/webhooks/webhook-table";
import { noticesPath, repositoriesPath } from "@/lib/contract/paths";
import { webhooksPageQuery } from "@/lib/contract/webhooks";
import { may } from "@/lib/domain/access/permissions";
import { listWebhooks } from "@/lib/domain/webhooks/list-webhooks";
import { memberContext } from "@/lib/platform/session/current-member";
import { addThisSlackChannel, addThisWebhook } from "./actions";

export const metadata: Metadata = { title: "Webhooks" };

export default async function WebhooksPage({ params, searchParams }: PageProps<"/[org]/settings/webhooks">) {
  const { org } = await params;
  const ctx = await memberContext(org);
  if (!may(ctx.actor, "webhook:read")) {
    return <NoPermission back={repositoriesPath(org)}>Only owners and admins see the webhooks.</NoPermission>;
  }
  const { done } = webhooksPageQuery.parse(await searchParams);
  const webhooks = await listWebhooks(ctx);
  return (
    <>
      <PageHeader title="Webhooks">
        Tell your own systems, or a channel, what happens to pulls and credentials. Every delivery is tried again where
        it fails, and kept in a log. Mail is chosen by each member on{" "}
        <Link href={noticesPath(org)} className="underline decoration-strong underline-offset-4 hover:decoration-text">
          Notices
        </Link>
        .
      </PageHeader>
      <div className="space-y-5">
        {done && (
          <Notice tone="ok" status>
            The webhook is removed, with its secret and its log.
          </Notice>
        )}
        {webhooks.length > 0 ? (
          <WebhookTable organization={org} webhooks={webhooks} />
        ) : (
          <EmptyState title="No webhooks yet">Add one below, and send it a test.</EmptyState>
        )}
        <Panel title="Add a webhook">
          <AddWebhookForm action={addThisWebhook.bind(null, org)} />
        </Panel>
        <AddSlackPanel action={addThisSlackChannel.bind(null, org)} />
      </div>
    </>
  );
}

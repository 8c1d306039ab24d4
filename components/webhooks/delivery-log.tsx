import type { FormAction } from "@/components/ui/action-form";
import { Pager } from "@/components/ui/pager";
import { webhookPath } from "@/lib/contract/paths";
import type { DeliveryRow } from "@/lib/contract/webhooks";
import { DeliveryTable } from "./delivery-table";

interface DeliveryLogProps {
  organization: string;
  webhookId: string;
  rows: readonly DeliveryRow[];
  total: number;
  page: number;
  pageSize: number;
  replay: FormAction<{ id: string }>;
}

/** What was sent to a webhook, page by page. */
export function DeliveryLog({ organization, webhookId, rows, replay, ...pages }: DeliveryLogProps) {
  return (
    <section aria-labelledby="deliveries">
      <h2 id="deliveries" className="mb-3 text-sm font-semibold">
        Deliveries
      </h2>
      {rows.length > 0 ? (
        <DeliveryTable rows={rows} replay={replay} />
      ) : (
        <p className="text-sm text-muted">Nothing was sent yet. Send a test, or wait for the next event.</p>
      )}
      <Pager {...pages} href={(next) => `${webhookPath(organization, webhookId)}?page=${next}`} />
    </section>
  );
}

import { CircleCheck, CircleDashed, CirclePause, CircleX } from "lucide-react";
import { Badge } from "@/components/ui/badge";
import type { WebhookRow } from "@/lib/contract/webhooks";

/** How a webhook does: by its newest attempt, or that it has stopped. */
export function WebhookState({ webhook: { pausedAt, last } }: { webhook: Pick<WebhookRow, "pausedAt" | "last"> }) {
  if (pausedAt) {
    return (
      <Badge tone="danger" icon={CirclePause}>
        Stopped
      </Badge>
    );
  }
  if (!last) {
    return (
      <Badge tone="neutral" icon={CircleDashed}>
        Nothing sent yet
      </Badge>
    );
  }
  return last.state === "delivered" ? (
    <Badge tone="ok" icon={CircleCheck}>
      Delivering
    </Badge>
  ) : (
    <Badge tone="warn" icon={CircleX}>
      Failing
    </Badge>
  );
}

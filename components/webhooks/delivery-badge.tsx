import { CircleCheck, CircleX, Clock } from "lucide-react";
import { Badge } from "@/components/ui/badge";
import type { DeliveryState } from "@/lib/contract/webhooks";

const BADGES = {
  waiting: { tone: "neutral", icon: Clock, words: "Waiting" },
  delivered: { tone: "ok", icon: CircleCheck, words: "Delivered" },
  given_up: { tone: "danger", icon: CircleX, words: "Given up" },
} as const satisfies Record<DeliveryState, unknown>;

/** How far something is that is sent. */
export function DeliveryBadge({ state }: { state: DeliveryState }) {
  const { tone, icon, words } = BADGES[state];
  return (
    <Badge tone={tone} icon={icon}>
      {words}
    </Badge>
  );
}

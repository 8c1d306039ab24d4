import { Notice } from "@/components/ui/notice";
import { RelativeTime } from "@/components/ui/relative-time";

interface WebhookNoticesProps {
  done: "added" | "asked" | undefined;
  pausedAt: Date | null;
  /** Whether something is on its way now. */
  waiting: boolean;
}

/** What was just done, and what stands in the way. */
export function WebhookNotices({ done, pausedAt, waiting }: WebhookNoticesProps) {
  return (
    <>
      {pausedAt && (
        <Notice tone="warn">
          Deliveries stopped <RelativeTime date={pausedAt} />: fifty attempts in a row failed, or 10,000 deliveries
          waited. Events since then were not kept for it. Send a test: once one arrives, and fewer than 5,000 wait, they
          go on.
        </Notice>
      )}
      {done === "added" && (
        <Notice tone="ok" status>
          The webhook is stored. Send it a test to see that it arrives.
        </Notice>
      )}
      {done === "asked" && (
        <Notice tone="info" status>
          {waiting
            ? "It is on its way. The log below shows what became of it."
            : "The log below shows what became of it."}
        </Notice>
      )}
    </>
  );
}

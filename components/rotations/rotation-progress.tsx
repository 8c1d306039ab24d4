import type { FormAction } from "@/components/ui/action-form";
import { Panel } from "@/components/ui/panel";
import { RefreshWhile } from "@/components/ui/refresh-while";
import { RelativeTime } from "@/components/ui/relative-time";
import type { RotationRow } from "@/lib/contract/rotations";
import { CancelRotationForm } from "./cancel-rotation-form";

interface RotationProgressProps {
  rotation: RotationRow;
  /** Null where the member may not. */
  cancel: FormAction<{ id: string }> | null;
}

/** How far a rotation is, live while it runs; it goes on when the page is left. */
export function RotationProgress({ rotation, cancel }: RotationProgressProps) {
  const { counts, finishedAt, cancelledAt, requestedBy, createdAt } = rotation;
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const done = total - counts.waiting;
  const running = !finishedAt && !cancelledAt;
  return (
    <Panel title={running ? "In progress" : cancelledAt ? "Cancelled" : "Finished"}>
      <RefreshWhile active={!finishedAt} />
      <progress aria-label="Repositories done" max={total} value={done} className="h-1.5 w-full max-w-md" />
      <p role="status" className="mt-2 text-sm tabular-nums">
        {done} of {total} done: {counts.rotated} rotated, {counts.kept} kept the old secret, {counts.failed} failed
        {counts.cancelled > 0 && `, ${counts.cancelled} cancelled`}.
      </p>
      <p className="mt-1 text-sm text-muted">
        Begun <RelativeTime date={createdAt} /> by {requestedBy}.{running && " It goes on when you leave this page."}
        {finishedAt && " The new secret is kept in the rotated repositories alone."}
      </p>
      {running && cancel && (
        <div className="mt-4">
          <CancelRotationForm action={cancel} id={rotation.id} />
        </div>
      )}
    </Panel>
  );
}

import type { FormAction } from "@/components/ui/action-form";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import type { RepositoryRow } from "@/lib/contract/repository-row";
import { bytesWords, syncSentence, type SyncRunRow } from "@/lib/contract/sync-runs";
import { PullForm } from "./pull-form";
import { PullProgress } from "./pull-progress";
import { SyncStrip } from "./sync-strip";

interface SyncPanelProps {
  repository: RepositoryRow;
  runs: readonly SyncRunRow[];
  pausedAt: Date | null;
  nextPullAt: Date | null;
  /** A pull was asked for a moment ago and has not begun. */
  waiting: boolean;
  /** Where the page hears how far a pull is. */
  progress: string;
  /** Null where the member may not pull. */
  pull: FormAction<{ repository: string; asked: number }> | null;
}

/** How the last pull ended, the ones before it, and the next. */
export function SyncPanel({ repository, runs, pausedAt, nextPullAt, waiting, progress, pull }: SyncPanelProps) {
  const [last] = runs;
  const { upstream } = repository;
  if (!upstream) {
    return (
      <Panel title="Pulls">
        <p className="text-sm">This repository has no upstream to pull from.</p>
      </Panel>
    );
  }
  const running = last !== undefined && last.outcome === null;
  return (
    <Panel title="Pulls">
      {pausedAt && (
        <Notice tone="warn" className="mb-4">
          Pulling paused <RelativeTime date={pausedAt} />:{" "}
          {last?.reason === "unreadable"
            ? "three times in a row the stored secret did not open."
            : "the host refused it three times in a row."}{" "}
          Rotate the credential, or pull now to go on.
        </Notice>
      )}
      <div role="status" className="text-sm">
        {waiting ? (
          <p>Asked for. It begins in a moment.</p>
        ) : last ? (
          <LastRun run={last} upstream={upstream} />
        ) : (
          <p>It has not been pulled yet.</p>
        )}
      </div>
      {(running || waiting) && <PullProgress key={last?.id} address={progress} waiting={waiting} />}
      {runs.length > 0 && (
        <div className="mt-4">
          <SyncStrip runs={runs} />
        </div>
      )}
      <div className="mt-4 flex flex-wrap items-center gap-x-4 gap-y-2">
        {pull && !running && <PullForm action={pull} repository={repository.id} />}
        {nextPullAt && !pausedAt && (
          <p className="text-sm text-muted">
            Next one <RelativeTime date={nextPullAt} />.
          </p>
        )}
      </div>
    </Panel>
  );
}

function LastRun({ run, upstream }: { run: SyncRunRow; upstream: NonNullable<RepositoryRow["upstream"]> }) {
  return (
    <p>
      {syncSentence(run, upstream)}{" "}
      <span className="text-muted">
        {run.finishedAt ? "Ended" : "Begun"} <RelativeTime date={run.finishedAt ?? run.startedAt} />
        {run.bytes > 0 && `, ${bytesWords(run.bytes)}`}, asked for by {run.requestedBy}.
      </span>
    </p>
  );
}

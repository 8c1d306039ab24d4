import type { FormAction } from "@/components/ui/action-form";
import { LinkButton } from "@/components/ui/link-button";
import { Panel } from "@/components/ui/panel";
import { RefreshWhile } from "@/components/ui/refresh-while";
import { RelativeTime } from "@/components/ui/relative-time";
import type { ImportCounts, ImportRow } from "@/lib/contract/imports";
import { newImportPath, repositoriesPath } from "@/lib/contract/paths";
import { ImportActForm } from "./import-act-form";
import { importState } from "./import-state";

interface ImportProgressProps {
  organization: string;
  imported: ImportRow & { counts: ImportCounts };
  cancel: FormAction<{ id: string }>;
}

/** How far an import is, live while it runs, and how it ended; it goes on when the page is left. */
export function ImportProgress({ organization, imported, cancel }: ImportProgressProps) {
  const { counts, startedAt, finishedAt, requestedBy, createdAt } = imported;
  const state = importState(imported);
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const done = total - counts.waiting;
  const parts = [
    `${counts.imported} imported`,
    `${counts.there} already there`,
    `${counts.without_credential} without a credential`,
    `${counts.failed + counts.unusable} failed`,
    ...(counts.cancelled > 0 ? [`${counts.cancelled} cancelled`] : []),
  ];
  return (
    <Panel title={{ waiting: "Preview", running: "In progress", cancelled: "Cancelled", finished: "Finished" }[state]}>
      <RefreshWhile active={!finishedAt} />
      <progress aria-label="Lines done" max={total} value={done} className="h-1.5 w-full max-w-md" />
      <p role="status" className="mt-2 text-sm tabular-nums">
        {done} of {total} done: {parts.join(", ")}.
      </p>
      <p className="mt-1 text-sm text-muted">
        {startedAt ? "Begun" : "Sent"} <RelativeTime date={startedAt ?? createdAt} /> by {requestedBy}.
        {state === "running" && " It goes on when you leave this page."}
        {finishedAt && " The secrets of its lines are erased; stored credentials alone have theirs."}
      </p>
      <div className="mt-4 flex flex-wrap gap-2">
        {state === "running" ? (
          <ImportActForm action={cancel} id={imported.id} label="Cancel the rest" busy="Cancelling…" />
        ) : (
          <>
            <LinkButton href={repositoriesPath(organization)}>Go to the repositories</LinkButton>
            <LinkButton href={newImportPath(organization)}>Import more</LinkButton>
          </>
        )}
      </div>
    </Panel>
  );
}

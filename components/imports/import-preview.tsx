import type { FormAction } from "@/components/ui/action-form";
import { LinkButton } from "@/components/ui/link-button";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { IMPORT_WAITS_MINUTES, type ImportCounts, type ImportRow } from "@/lib/contract/imports";
import { newImportPath } from "@/lib/contract/paths";
import { ImportActForm } from "./import-act-form";

interface ImportPreviewProps {
  organization: string;
  imported: ImportRow & { counts: ImportCounts };
  start: FormAction<{ id: string }>;
  cancel: FormAction<{ id: string }>;
}

/** What an import is to do, and the choice. */
export function ImportPreview({ organization, imported, start, cancel }: ImportPreviewProps) {
  const { id, counts, createdAt, requestedBy } = imported;
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const until = new Date(createdAt.getTime() + IMPORT_WAITS_MINUTES * 60_000);
  return (
    <Panel title="Preview">
      <p role="status" className="text-sm tabular-nums">
        {total} {total === 1 ? "line" : "lines"}: {counts.waiting} to import, {counts.there} already there,{" "}
        {counts.unusable} that cannot be imported.
      </p>
      <p className="mt-1 text-sm text-muted">
        Sent <RelativeTime date={createdAt} /> by {requestedBy}. Nothing is made yet; the lines wait, sealed, and are
        erased <RelativeTime date={until} />.
      </p>
      <div className="mt-4 flex flex-wrap gap-2">
        {counts.waiting > 0 ? (
          <ImportActForm
            primary
            action={start}
            id={id}
            label={counts.waiting === 1 ? "Import one line" : `Import ${counts.waiting} lines`}
            busy="Beginning…"
          />
        ) : (
          <LinkButton href={newImportPath(organization)}>Send other lines</LinkButton>
        )}
        <ImportActForm action={cancel} id={id} label="Discard" busy="Discarding…" />
      </div>
    </Panel>
  );
}

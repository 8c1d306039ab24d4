import { Panel } from "@/components/ui/panel";
import { IMPORT_WAITS_MINUTES, MAX_IMPORT_BYTES, MAX_IMPORT_LINES } from "@/lib/contract/imports";

/** What an import takes, and what becomes of what is sent. */
export function ImportGuide() {
  return (
    <Panel title="What happens next" className="lg:self-start">
      <ol className="list-decimal space-y-2.5 pl-5 text-sm">
        <li>You see what is to come of each line, before anything is made of it.</li>
        <li>
          Each repository that is missing is created, and its credential is tested at the host. One that the host
          refuses is not stored; the repository stays.
        </li>
        <li>You get a report for each line. Importing the same lines again changes nothing that is there.</li>
      </ol>
      <p className="mt-4 text-sm text-muted">
        The file is not kept. Secrets are sealed as they arrive and erased as soon as their line is done, or after{" "}
        {IMPORT_WAITS_MINUTES} minutes if you do not begin. No page shows them again.
      </p>
      <p className="mt-2.5 text-sm text-muted">
        At most {MAX_IMPORT_LINES.toLocaleString("en")} lines and {MAX_IMPORT_BYTES / 1024} KiB at a time, in UTF-8. A
        first line with the columns’ names is passed over.
      </p>
    </Panel>
  );
}

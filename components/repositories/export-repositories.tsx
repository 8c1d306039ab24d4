import { Download } from "lucide-react";
import { buttonStyle } from "@/components/ui/button-style";
import { repositoriesExportPath } from "@/lib/contract/paths";

/** All repositories with what is known of their credentials, as a file. A POST, since the export itself is recorded. */
export function ExportRepositories({ organization }: { organization: string }) {
  return (
    <form method="post" action={repositoriesExportPath(organization)}>
      <button type="submit" name="format" value="csv" className={buttonStyle("secondary")}>
        <Download aria-hidden className="size-4" />
        Export CSV
      </button>
    </form>
  );
}

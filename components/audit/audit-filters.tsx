import { Download } from "lucide-react";
import { buttonStyle } from "@/components/ui/button-style";
import { controlStyle } from "@/components/ui/control-style";
import { AUDIT_ACTIONS, AUDIT_WORDS } from "@/lib/contract/audit-actions";
import type { AuditPageQuery } from "@/lib/contract/audit-page";

interface AuditFiltersProps {
  base: string;
  query: AuditPageQuery;
}

/** What to show, and the same as a file. */
export function AuditFilters({ base, query }: AuditFiltersProps) {
  return (
    <div className="mb-4 flex flex-wrap justify-between gap-3">
      <form method="get" action={base} role="search" className="flex max-w-full flex-wrap gap-2">
        <label htmlFor="audit-action" className="sr-only">
          Action
        </label>
        <select
          id="audit-action"
          name="action"
          defaultValue={query.action}
          className={controlStyle("w-auto! max-w-full")}
        >
          <option value="">Every action</option>
          {AUDIT_ACTIONS.map((action) => (
            <option key={action} value={action}>
              {AUDIT_WORDS[action]}
            </option>
          ))}
        </select>
        <label htmlFor="audit-actor" className="sr-only">
          Who
        </label>
        <input
          id="audit-actor"
          name="actor"
          defaultValue={query.actor}
          placeholder="Who, exactly"
          autoComplete="off"
          className={controlStyle("w-48!")}
        />
        <button type="submit" className={buttonStyle("secondary")}>
          Filter
        </button>
      </form>
      <form method="post" action={`${base}/export`} className="flex flex-wrap gap-2">
        <input type="hidden" name="action" value={query.action} />
        <input type="hidden" name="actor" value={query.actor} />
        <button type="submit" name="format" value="jsonl" className={buttonStyle("secondary")}>
          <Download aria-hidden className="size-4" />
          JSON Lines
        </button>
        <button type="submit" name="format" value="csv" className={buttonStyle("secondary")}>
          <Download aria-hidden className="size-4" />
          CSV
        </button>
      </form>
    </div>
  );
}

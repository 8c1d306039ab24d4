import { buttonStyle } from "@/components/ui/button-style";
import { controlStyle } from "@/components/ui/control-style";
import { FilterChip } from "@/components/ui/filter-chip";
import { PROVIDER_FACTS } from "@/lib/contract/provider-facts";
import { PROVIDERS } from "@/lib/contract/providers";
import {
  repositoriesPageHref,
  type RepositoriesPageQuery,
  type RepositoryState,
} from "@/lib/contract/repositories-page";
import { SearchShortcut } from "./search-shortcut";

const STATES: Record<RepositoryState, string> = {
  all: "All",
  with: "With credential",
  works: "Works",
  refused: "Refused",
  unreachable: "Unreachable",
  unproven: "Unproven",
  not_tested: "Not tested",
  without: "Without credential",
  no_upstream: "No upstream",
};

/** Search and filters, all of them in the address. */
export function RepositoryFilters({ base, query }: { base: string; query: RepositoriesPageQuery }) {
  return (
    <div className="mb-4 space-y-3">
      <form method="get" action={base} role="search" className="flex flex-wrap gap-2">
        <label htmlFor="repository-search" className="sr-only">
          Search by name
        </label>
        <input
          id="repository-search"
          name="q"
          type="search"
          defaultValue={query.q}
          placeholder="Search by name  ( / )"
          autoComplete="off"
          className={controlStyle("min-w-40 flex-1 sm:max-w-xs")}
        />
        <label htmlFor="repository-provider" className="sr-only">
          Provider
        </label>
        <select
          id="repository-provider"
          name="provider"
          defaultValue={query.provider ?? ""}
          className={controlStyle("w-auto!")}
        >
          <option value="">Every provider</option>
          {PROVIDERS.map((provider) => (
            <option key={provider} value={provider}>
              {PROVIDER_FACTS[provider].label}
            </option>
          ))}
        </select>
        {query.state !== "all" && <input type="hidden" name="state" value={query.state} />}
        {query.sort !== "name" && <input type="hidden" name="sort" value={query.sort} />}
        <button type="submit" className={buttonStyle("secondary")}>
          Search
        </button>
      </form>
      <SearchShortcut target="repository-search" />
      <nav aria-label="Filter by credential" className="flex flex-wrap gap-1.5">
        {(Object.keys(STATES) as RepositoryState[]).map((state) => (
          <FilterChip
            key={state}
            href={repositoriesPageHref(base, { ...query, state, page: 1 })}
            chosen={query.state === state}
          >
            {STATES[state]}
          </FilterChip>
        ))}
      </nav>
    </div>
  );
}

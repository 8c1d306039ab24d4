import { Check, ChevronsUpDown } from "lucide-react";
import Link from "next/link";
import { repositoriesPath } from "@/lib/contract/paths";

/** The organization's name; for members of several, a list of them behind it. */
export function OrganizationSwitcher({
  current,
  organizations,
}: {
  current: string;
  organizations: readonly string[];
}) {
  if (organizations.length < 2) return <p className="truncate px-2.5 text-sm font-semibold">{current}</p>;
  return (
    <details className="group relative min-w-0 flex-1">
      <summary className="flex min-h-9 list-none items-center justify-between gap-2 rounded-md px-2.5 text-sm font-semibold hover:bg-sunken">
        <span className="truncate">{current}</span>
        <ChevronsUpDown aria-hidden className="size-4 shrink-0 text-muted" />
        <span className="sr-only">Switch organization</span>
      </summary>
      <ul className="absolute inset-x-0 top-full z-10 mt-1 max-h-80 overflow-y-auto rounded-md border border-border bg-raised p-1 shadow-lg">
        {organizations.map((slug) => (
          <li key={slug}>
            <Link
              href={repositoriesPath(slug)}
              aria-current={slug === current ? "true" : undefined}
              className="flex min-h-9 items-center justify-between gap-2 rounded px-2 text-sm hover:bg-sunken"
            >
              <span className="truncate">{slug}</span>
              {slug === current && <Check aria-hidden className="size-4" />}
            </Link>
          </li>
        ))}
      </ul>
    </details>
  );
}

import { LinkButton } from "./link-button";

interface PagerProps {
  /** From 1. */
  page: number;
  pageSize: number;
  total: number;
  href: (page: number) => string;
}

/** Where one is in a long list, and the way on. Nothing where one page holds all. */
export function Pager({ page, pageSize, total, href }: PagerProps) {
  const pages = Math.max(1, Math.ceil(total / pageSize));
  if (pages === 1) return null;
  const first = (page - 1) * pageSize + 1;
  return (
    <nav aria-label="Pages" className="mt-4 flex flex-wrap items-center justify-between gap-3 text-sm text-muted">
      <p className="tabular-nums">
        {first}–{Math.min(page * pageSize, total)} of {total}
      </p>
      <div className="flex gap-2">
        {page > 1 && <LinkButton href={href(page - 1)}>Previous</LinkButton>}
        {page < pages && <LinkButton href={href(page + 1)}>Next</LinkButton>}
      </div>
    </nav>
  );
}

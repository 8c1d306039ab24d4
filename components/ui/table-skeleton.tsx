import { PageHeader } from "./page-header";

/** Keeps a list's place while it is fetched. */
export function TableSkeleton({ title, rows }: { title: string; rows: number }) {
  return (
    <>
      <PageHeader title={title} />
      <p role="status" className="sr-only">
        Loading
      </p>
      <div aria-hidden className="animate-pulse divide-y divide-border rounded-lg border border-border bg-raised">
        {Array.from({ length: rows }, (_, index) => (
          <div key={index} className="flex h-14 items-center gap-6 px-4">
            <div className="h-3 w-1/4 rounded bg-sunken" />
            <div className="h-3 w-1/3 rounded bg-sunken" />
            <div className="h-3 w-20 rounded bg-sunken" />
          </div>
        ))}
      </div>
    </>
  );
}

import type { ReactNode } from "react";

/** A page's title, a sentence under it, and what can be done here. */
export function PageHeader(props: { title: string; children?: ReactNode; actions?: ReactNode }) {
  return (
    <header className="mb-6 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        <h1 className="text-xl font-semibold tracking-tight break-words">{props.title}</h1>
        {props.children && <div className="mt-1 max-w-prose text-sm text-muted">{props.children}</div>}
      </div>
      {props.actions && <div className="flex flex-wrap gap-2">{props.actions}</div>}
    </header>
  );
}

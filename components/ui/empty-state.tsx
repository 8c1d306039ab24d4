import type { ReactNode } from "react";

/** What stands in place of a list that has nothing, with the next step. */
export function EmptyState(props: { title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <div className="rounded-lg border border-dashed border-strong px-6 py-12 text-center">
      <p className="font-medium">{props.title}</p>
      <p className="mx-auto mt-1 max-w-md text-sm text-muted">{props.children}</p>
      {props.action && <div className="mt-5 flex flex-wrap justify-center gap-2">{props.action}</div>}
    </div>
  );
}

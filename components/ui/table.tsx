import { clsx } from "clsx";
import type { ReactNode } from "react";

/** A table that scrolls by itself where it is wider than its place. */
export function Table(props: { caption: string; head: ReactNode; children: ReactNode }) {
  return (
    <div
      tabIndex={0}
      role="region"
      aria-label={props.caption}
      className="relative overflow-x-auto rounded-lg border border-border bg-raised"
    >
      <table className="w-full border-collapse text-left text-sm">
        <caption className="sr-only">{props.caption}</caption>
        <thead className="border-b border-border text-xs text-muted">
          <tr>{props.head}</tr>
        </thead>
        <tbody className="divide-y divide-border">{props.children}</tbody>
      </table>
    </div>
  );
}

export function HeadCell(props: { sorted?: "ascending" | "descending"; className?: string; children: ReactNode }) {
  return (
    <th
      scope="col"
      aria-sort={props.sorted}
      className={clsx("px-4 py-2.5 font-medium whitespace-nowrap", props.className)}
    >
      {props.children}
    </th>
  );
}

export function Cell(props: { className?: string; children: ReactNode }) {
  return <td className={clsx("px-4 py-3 align-middle", props.className)}>{props.children}</td>;
}

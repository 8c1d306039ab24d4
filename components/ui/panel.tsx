import { clsx } from "clsx";
import { useId, type ReactNode } from "react";

/** A titled part of a page. */
export function Panel(props: { title: string; className?: string; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={clsx("rounded-lg border border-border bg-raised p-5", props.className)}>
      <h2 id={id} className="mb-4 text-sm font-semibold">
        {props.title}
      </h2>
      {props.children}
    </section>
  );
}

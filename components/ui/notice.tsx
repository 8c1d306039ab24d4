import { clsx } from "clsx";
import { CircleCheck, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

const TONES = {
  info: { icon: Info, style: "border-border bg-sunken text-text", iconStyle: "text-muted" },
  ok: { icon: CircleCheck, style: "border-ok bg-ok-soft text-text", iconStyle: "text-ok" },
  warn: { icon: TriangleAlert, style: "border-warn bg-warn-soft text-text", iconStyle: "text-warn" },
} as const;

/** A sentence that matters here and now. `status` is read out when it appears. */
export function Notice(props: { tone: keyof typeof TONES; status?: boolean; className?: string; children: ReactNode }) {
  const { icon: Icon, style, iconStyle } = TONES[props.tone];
  return (
    <div
      role={props.status ? "status" : undefined}
      className={clsx("flex gap-2.5 rounded-md border px-3.5 py-3 text-sm", style, props.className)}
    >
      <Icon aria-hidden className={clsx("mt-0.5 size-4 shrink-0", iconStyle)} />
      <div className="min-w-0">{props.children}</div>
    </div>
  );
}

import { clsx } from "clsx";
import Link from "next/link";
import {
  ATTENTION_REASONS,
  ATTENTION_WORDS,
  attentionPageHref,
  countWords,
  type AttentionCounts,
  type AttentionReason,
} from "@/lib/contract/attention";

interface AttentionFilterProps {
  base: string;
  counts: AttentionCounts;
  reason: AttentionReason | undefined;
}

/** Each reason with how many there are; the one that is chosen says what to do. */
export function AttentionFilter({ base, counts, reason }: AttentionFilterProps) {
  const shown = ATTENTION_REASONS.filter((each) => counts[each] > 0 || each === reason);
  return (
    <div className="mb-4 space-y-3">
      <nav aria-label="Filter by reason" className="flex flex-wrap gap-1.5">
        <Choice href={base} label="All" count={counts.any} chosen={!reason} />
        {shown.map((each) => (
          <Choice
            key={each}
            href={attentionPageHref(base, { reason: each })}
            label={ATTENTION_WORDS[each].label}
            count={counts[each]}
            chosen={each === reason}
          />
        ))}
      </nav>
      {reason && <p className="text-sm text-muted">{ATTENTION_WORDS[reason].remedy}</p>}
    </div>
  );
}

function Choice({ href, label, count, chosen }: { href: string; label: string; count: number; chosen: boolean }) {
  return (
    <Link
      href={href}
      aria-current={chosen ? "true" : undefined}
      className={clsx(
        "rounded-full border px-3 py-1 text-xs font-medium tabular-nums",
        chosen
          ? "border-transparent bg-text text-surface"
          : "border-border text-muted hover:border-strong hover:text-text",
      )}
    >
      {label} {countWords(count)}
    </Link>
  );
}

import { FilterChip } from "@/components/ui/filter-chip";
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
        <FilterChip href={base} chosen={!reason}>
          All {countWords(counts.any)}
        </FilterChip>
        {shown.map((each) => (
          <FilterChip key={each} href={attentionPageHref(base, { reason: each })} chosen={each === reason}>
            {ATTENTION_WORDS[each].label} {countWords(counts[each])}
          </FilterChip>
        ))}
      </nav>
      {reason && <p className="text-sm text-muted">{ATTENTION_WORDS[reason].remedy}</p>}
    </div>
  );
}

import { GitBranch, Tag } from "lucide-react";
import { Panel } from "@/components/ui/panel";
import type { MirrorHeadRow } from "@/lib/contract/sync-runs";

/** The mirror's branches and tags as the last pull left them. */
export function HeadList({ heads, count }: { heads: readonly MirrorHeadRow[]; count: number }) {
  if (heads.length === 0) return null;
  return (
    <Panel title="Branches and tags">
      <ul className="space-y-1.5 text-sm">
        {heads.map(({ ref, objectId }) => {
          const tag = ref.startsWith("refs/tags/");
          const Icon = tag ? Tag : GitBranch;
          return (
            <li key={ref} className="flex min-w-0 items-center gap-2">
              <Icon aria-hidden className="size-3.5 shrink-0 text-muted" />
              <span className="sr-only">{tag ? "Tag" : "Branch"}</span>
              <code className="min-w-0 flex-1 truncate font-mono text-[0.8125rem]">
                {ref.replace(/^refs\/(heads|tags)\//, "")}
              </code>
              <code className="font-mono text-[0.8125rem] text-muted">{objectId.slice(0, 10)}</code>
            </li>
          );
        })}
      </ul>
      {count > heads.length && <p className="mt-3 text-sm text-muted">And {count - heads.length} more.</p>}
    </Panel>
  );
}

import { Ban, CircleAlert, CircleCheck, CircleMinus, Clock, TriangleAlert } from "lucide-react";
import Link from "next/link";
import { UpstreamLabel } from "@/components/repositories/upstream-label";
import { Badge } from "@/components/ui/badge";
import { Cell, HeadCell, Table } from "@/components/ui/table";
import { importItemSentence, type ImportItemRow, type ImportItemState } from "@/lib/contract/imports";
import { credentialPath } from "@/lib/contract/paths";

const BADGES = {
  failed: { tone: "danger", icon: CircleAlert, words: "Failed" },
  without_credential: { tone: "warn", icon: TriangleAlert, words: "No credential" },
  unusable: { tone: "danger", icon: CircleAlert, words: "Not usable" },
  waiting: { tone: "neutral", icon: Clock, words: "Waiting" },
  imported: { tone: "ok", icon: CircleCheck, words: "Imported" },
  there: { tone: "neutral", icon: CircleMinus, words: "Already there" },
  cancelled: { tone: "neutral", icon: Ban, words: "Cancelled" },
} as const satisfies Record<ImportItemState, unknown>;

/** Each line with what is to come of it, or came of it; never its secret. */
export function ImportTable({ organization, items }: { organization: string; items: readonly ImportItemRow[] }) {
  return (
    <Table
      caption="Lines"
      head={
        <>
          <HeadCell>Line</HeadCell>
          <HeadCell>Repository</HeadCell>
          <HeadCell className="max-sm:hidden">Secret</HeadCell>
          <HeadCell className="max-sm:hidden">State</HeadCell>
          <HeadCell className="max-sm:hidden">What happens</HeadCell>
        </>
      }
    >
      {items.map((item) => {
        const { tone, icon, words } = BADGES[item.state];
        const badge = (
          <Badge tone={tone} icon={icon}>
            {words}
          </Badge>
        );
        return (
          <tr key={item.line}>
            <Cell className="text-muted tabular-nums">{item.line}</Cell>
            <Cell className="sm:max-w-72">
              <RepositoryName organization={organization} item={item} />
              {item.upstream && (
                <span className="mt-1 flex max-sm:max-w-60">
                  <UpstreamLabel upstream={item.upstream} />
                </span>
              )}
              {/* On a phone what matters stands below the name, in sight. */}
              <span className="mt-2 block sm:hidden">{badge}</span>
              <span className="mt-1 block sm:hidden">{importItemSentence(item)}</span>
            </Cell>
            <Cell className="text-muted max-sm:hidden">
              {item.repositoryName ? (item.secretGiven ? "Given" : "Missing") : "–"}
            </Cell>
            <Cell className="max-sm:hidden">{badge}</Cell>
            <Cell className="min-w-64 max-sm:hidden">{importItemSentence(item)}</Cell>
          </tr>
        );
      })}
    </Table>
  );
}

/** A link once there is something to lead to. */
function RepositoryName({ organization, item }: { organization: string; item: ImportItemRow }) {
  const { repositoryName: name, repositoryExists, state } = item;
  if (!name) return <span className="text-muted">–</span>;
  const made = repositoryExists || state === "imported" || state === "without_credential" || state === "there";
  if (!made) return <span className="font-medium break-words">{name}</span>;
  return (
    <Link
      href={credentialPath(organization, name)}
      className="font-medium break-words underline-offset-4 hover:underline"
    >
      {name}
    </Link>
  );
}

import { Ban, CircleAlert, CircleCheck, CircleMinus, Clock } from "lucide-react";
import Link from "next/link";
import { Badge } from "@/components/ui/badge";
import { Cell, HeadCell, Table } from "@/components/ui/table";
import { credentialPath } from "@/lib/contract/paths";
import { rotationItemSentence, type RotationItemRow, type RotationItemState } from "@/lib/contract/rotations";

const BADGES = {
  waiting: { tone: "neutral", icon: Clock, words: "Waiting" },
  rotated: { tone: "ok", icon: CircleCheck, words: "Rotated" },
  kept: { tone: "warn", icon: CircleMinus, words: "Kept the old one" },
  failed: { tone: "danger", icon: CircleAlert, words: "Failed" },
  cancelled: { tone: "neutral", icon: Ban, words: "Cancelled" },
} as const satisfies Record<RotationItemState, unknown>;

interface RotationTableProps {
  organization: string;
  host: string;
  items: readonly RotationItemRow[];
}

/** Each repository with what came of it. */
export function RotationTable({ organization, host, items }: RotationTableProps) {
  return (
    <Table
      caption="Repositories"
      head={
        <>
          <HeadCell>Repository</HeadCell>
          <HeadCell>State</HeadCell>
          <HeadCell>What happened</HeadCell>
        </>
      }
    >
      {items.map((item) => {
        const { tone, icon, words } = BADGES[item.state];
        return (
          <tr key={item.credentialId}>
            <Cell className="max-w-64 font-medium break-words">
              <Link
                href={credentialPath(organization, item.repositoryName)}
                className="underline-offset-4 hover:underline"
              >
                {item.repositoryName}
              </Link>
            </Cell>
            <Cell>
              <Badge tone={tone} icon={icon}>
                {words}
              </Badge>
            </Cell>
            <Cell className="min-w-56">{rotationItemSentence(item, { host })}</Cell>
          </tr>
        );
      })}
    </Table>
  );
}

import Link from "next/link";
import { RelativeTime } from "@/components/ui/relative-time";
import { Cell, HeadCell, Table } from "@/components/ui/table";
import type { ImportRow } from "@/lib/contract/imports";
import { importPath } from "@/lib/contract/paths";
import { importState } from "./import-state";

const WORDS = { waiting: "Waits for its start", running: "Runs", cancelled: "Cancelled", finished: "Finished" };

/** The newest imports, to find the way back to one. Nothing where there are none. */
export function EarlierImports({ organization, imports }: { organization: string; imports: readonly ImportRow[] }) {
  if (imports.length === 0) return null;
  return (
    <section className="mt-10">
      <h2 className="mb-3 text-sm font-semibold">Earlier imports</h2>
      <Table
        caption="Earlier imports"
        head={
          <>
            <HeadCell>Sent</HeadCell>
            <HeadCell>By</HeadCell>
            <HeadCell>State</HeadCell>
          </>
        }
      >
        {imports.map((row) => (
          <tr key={row.id}>
            <Cell>
              <Link href={importPath(organization, row.id)} className="underline-offset-4 hover:underline">
                <RelativeTime date={row.createdAt} />
              </Link>
            </Cell>
            <Cell className="break-words">{row.requestedBy}</Cell>
            <Cell className="text-muted">{WORDS[importState(row)]}</Cell>
          </tr>
        ))}
      </Table>
    </section>
  );
}

import { Pager } from "@/components/ui/pager";
import { RelativeTime } from "@/components/ui/relative-time";
import { Cell, HeadCell, Table } from "@/components/ui/table";
import { DeliveryBadge } from "@/components/webhooks/delivery-badge";
import { mailSentence, type MailRow } from "@/lib/contract/notices";
import { noticesPath } from "@/lib/contract/paths";

interface MailLogProps {
  organization: string;
  rows: readonly MailRow[];
  total: number;
  page: number;
  pageSize: number;
}

/** What was sent by mail, newest first, page by page. */
export function MailLog({ organization, rows, ...pages }: MailLogProps) {
  return (
    <section aria-labelledby="mail">
      <h2 id="mail" className="mb-3 text-sm font-semibold">
        Sent mail
      </h2>
      {rows.length > 0 ? (
        <Table
          caption="Messages"
          head={
            <>
              <HeadCell>Subject</HeadCell>
              <HeadCell>To</HeadCell>
              <HeadCell>State</HeadCell>
              <HeadCell>Answer</HeadCell>
              <HeadCell>Attempts</HeadCell>
              <HeadCell>Made</HeadCell>
            </>
          }
        >
          {rows.map((row) => (
            <tr key={row.id}>
              <Cell className="max-w-72 min-w-40 break-words">{row.subject}</Cell>
              <Cell className="max-w-56 min-w-40 break-words text-muted">{row.email}</Cell>
              <Cell>
                <DeliveryBadge state={row.state} />
              </Cell>
              <Cell className="max-w-64 min-w-40">{mailSentence(row)}</Cell>
              <Cell className="text-muted tabular-nums">{row.attempts}</Cell>
              <Cell className="text-muted">
                <RelativeTime date={row.createdAt} />
              </Cell>
            </tr>
          ))}
        </Table>
      ) : (
        <p className="text-sm text-muted">Nothing was sent yet.</p>
      )}
      <Pager {...pages} href={(next) => `${noticesPath(organization)}?page=${next}`} />
    </section>
  );
}

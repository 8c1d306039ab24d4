import type { FormAction } from "@/components/ui/action-form";
import { RelativeTime } from "@/components/ui/relative-time";
import { Cell, HeadCell, Table } from "@/components/ui/table";
import type { InvitationRow } from "@/lib/contract/members";
import { WithdrawForm } from "./withdraw-form";

interface InvitationTableProps {
  invitations: readonly InvitationRow[];
  write: boolean;
  withdraw: FormAction<void>;
}

export function InvitationTable({ invitations, write, withdraw }: InvitationTableProps) {
  return (
    <Table
      caption="Open invitations"
      head={
        <>
          <HeadCell>Invited</HeadCell>
          <HeadCell>Role</HeadCell>
          <HeadCell>By</HeadCell>
          <HeadCell>Ends</HeadCell>
          {write && (
            <HeadCell>
              <span className="sr-only">Withdraw</span>
            </HeadCell>
          )}
        </>
      }
    >
      {invitations.map(({ id, email, role, invitedBy, expiresAt }) => (
        <tr key={id}>
          <Cell className="break-words">{email}</Cell>
          <Cell>{role}</Cell>
          <Cell className="break-words text-muted">{invitedBy}</Cell>
          <Cell className="text-muted">
            <RelativeTime date={expiresAt} />
          </Cell>
          {write && (
            <Cell className="text-right">
              <WithdrawForm action={withdraw} id={id} email={email} />
            </Cell>
          )}
        </tr>
      ))}
    </Table>
  );
}

import type { FormAction } from "@/components/ui/action-form";
import { ConfirmAct } from "@/components/ui/confirm-act";
import { LinkButton } from "@/components/ui/link-button";
import { RelativeTime } from "@/components/ui/relative-time";
import { Cell, HeadCell, Table } from "@/components/ui/table";
import type { MemberRole, MemberRow } from "@/lib/contract/members";
import { membersPath } from "@/lib/contract/paths";
import { RoleForm } from "./role-form";

interface MemberTableProps {
  organization: string;
  members: readonly MemberRow[];
  /** Who looks at it. */
  viewer: { userId: string; role: MemberRole; write: boolean };
  /** The member whose removal is being asked about. */
  asked?: string;
  changeRole: FormAction<void>;
  remove: FormAction<void>;
}

export function MemberTable({ organization, members, viewer, asked, changeRole, remove }: MemberTableProps) {
  const page = membersPath(organization);
  const question = members.find(({ userId }) => userId === asked);
  const manages = ({ role }: MemberRow) => viewer.write && (role !== "owner" || viewer.role === "owner");
  return (
    <>
      {question && (
        <ConfirmAct
          title={`Remove ${question.email}?`}
          action={remove}
          hidden={{ userId: question.userId }}
          cancel={page}
          verb="Remove member"
          busy="Removing…"
        >
          They lose access to {organization} with their next click. What they stored here stays.
        </ConfirmAct>
      )}
      <Table
        caption="Members"
        head={
          <>
            <HeadCell>E-mail address</HeadCell>
            <HeadCell>Role</HeadCell>
            <HeadCell>Joined</HeadCell>
            {viewer.write && (
              <HeadCell>
                <span className="sr-only">Remove</span>
              </HeadCell>
            )}
          </>
        }
      >
        {members.map((member) => (
          <tr key={member.userId}>
            <Cell className="break-words">
              {member.email}
              {member.userId === viewer.userId && <span className="text-muted"> (you)</span>}
            </Cell>
            <Cell>
              {manages(member) ? (
                <RoleForm action={changeRole} member={member} owner={viewer.role === "owner"} />
              ) : (
                member.role
              )}
            </Cell>
            <Cell className="text-muted">
              <RelativeTime date={member.createdAt} />
            </Cell>
            {viewer.write && (
              <Cell className="text-right">
                {manages(member) && (
                  <LinkButton href={`${page}?remove=${member.userId}`} scroll={false}>
                    Remove…<span className="sr-only"> {member.email}</span>
                  </LinkButton>
                )}
              </Cell>
            )}
          </tr>
        ))}
      </Table>
    </>
  );
}

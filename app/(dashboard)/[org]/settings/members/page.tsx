import type { Metadata } from "next";
import { InvitationTable } from "@/components/members/invitation-table";
import { InviteForm } from "@/components/members/invite-form";
import { MemberTable } from "@/components/members/member-table";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { Panel } from "@/components/ui/panel";
import { membersPageQuery } from "@/lib/contract/members";
import type { MemberActor } from "@/lib/domain/access/actor";
import { may } from "@/lib/domain/access/permissions";
import { listMembers } from "@/lib/domain/members/list-members";
import { currentMember, memberContext } from "@/lib/platform/session/current-member";
import { changeMemberRole, invite, removeThisMember, withdraw } from "./actions";

export const metadata: Metadata = { title: "Members" };

const SENTENCES = {
  role: "The role is changed, from that member's next click on.",
  removed: "The member is removed, and open invitations of theirs are withdrawn. Their next click is refused.",
  withdrawn: "The invitation is withdrawn, and its link is dead.",
};

export default async function MembersPage({ params, searchParams }: PageProps<"/[org]/settings/members">) {
  const { org } = await params;
  const { done, remove } = membersPageQuery.parse(await searchParams);
  const member: MemberActor = await currentMember(org);
  const { members, invitations } = await listMembers(await memberContext(org));
  const write = may(member, "member:write");
  return (
    <>
      <PageHeader title="Members">
        Owners and admins manage credentials, keys and members; viewers see what is there. Only owners make owners.
      </PageHeader>
      <div className="space-y-5">
        {done && (
          <Notice tone="ok" status>
            {SENTENCES[done]}
          </Notice>
        )}
        <MemberTable
          organization={org}
          members={members}
          viewer={{ userId: member.userId, role: member.role, write }}
          asked={write ? remove : undefined}
          changeRole={changeMemberRole.bind(null, org)}
          remove={removeThisMember.bind(null, org)}
        />
        {write && (
          <Panel title="Invite somebody">
            <InviteForm action={invite.bind(null, org)} owner={member.role === "owner"} />
          </Panel>
        )}
        {invitations.length > 0 && (
          <InvitationTable invitations={invitations} write={write} withdraw={withdraw.bind(null, org)} />
        )}
      </div>
    </>
  );
}

import type { Metadata } from "next";
import { AcceptInvitationForm } from "@/components/account/accept-invitation-form";
import { DeadLink } from "@/components/account/dead-link";
import { PageHeader } from "@/components/ui/page-header";
import { findInvitation } from "@/lib/domain/members/find-invitation";
import { anonymousContext } from "@/lib/platform/session/anonymous-context";
import { acceptInvitation } from "./actions";

export const metadata: Metadata = { title: "Join" };

export default async function InvitePage({ searchParams }: PageProps<"/invite">) {
  const token = String((await searchParams).token ?? "");
  const invitation = await findInvitation(await anonymousContext(), token);
  if (!invitation) {
    return (
      <DeadLink title="This invitation is no longer open">
        It was used or withdrawn, or its seven days are over. Ask whoever invited you for a new one.
      </DeadLink>
    );
  }
  const { email, organizationSlug, role, userId } = invitation;
  return (
    <>
      <PageHeader title={`Join ${organizationSlug}`}>
        You are invited as {role} under <strong className="font-medium text-text">{email}</strong>.
      </PageHeader>
      <AcceptInvitationForm action={acceptInvitation} token={token} known={userId !== null} />
    </>
  );
}

import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { AcceptInvitationForm } from "@/components/account/accept-invitation-form";
import { DeadLink } from "@/components/account/dead-link";
import { JoinForm } from "@/components/account/join-form";
import { SingleSignOn } from "@/components/account/single-sign-on";
import { PageHeader } from "@/components/ui/page-header";
import { invitePath, repositoriesPath } from "@/lib/contract/paths";
import { findInvitation } from "@/lib/domain/members/find-invitation";
import { findJoined } from "@/lib/domain/members/find-joined";
import { identityProvider } from "@/lib/platform/env";
import { anonymousContext } from "@/lib/platform/session/anonymous-context";
import { currentUser } from "@/lib/platform/session/current-member";
import { acceptInvitation, joinAsMyself } from "./actions";

export const metadata: Metadata = { title: "Join" };

export default async function InvitePage({ searchParams }: PageProps<"/invite">) {
  const token = String((await searchParams).token ?? "");
  const [ctx, user] = [await anonymousContext(), await currentUser()];
  const invitation = await findInvitation(ctx, token);
  if (!invitation) {
    const joined = user && (await findJoined(ctx, { ...user, token }));
    if (joined) redirect(repositoriesPath(joined.organization));
    return (
      <DeadLink title="This invitation is no longer open">
        It was used or withdrawn, or its seven days are over. Ask whoever invited you for a new one.
      </DeadLink>
    );
  }
  const { email, organizationSlug, role, userId } = invitation;
  const mine = user !== null && user.userId === userId;
  return (
    <>
      <PageHeader title={`Join ${organizationSlug}`}>
        You are invited as {role} under <strong className="font-medium text-text">{email}</strong>
        {mine ? ", and you are signed in." : "."}
      </PageHeader>
      {mine ? (
        <JoinForm action={joinAsMyself} token={token} />
      ) : (
        <>
          {identityProvider() && <SingleSignOn next={invitePath(token)} />}
          <AcceptInvitationForm action={acceptInvitation} token={token} />
        </>
      )}
    </>
  );
}

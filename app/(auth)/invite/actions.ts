"use server";

import { acceptInvitationForm, joinForm } from "@/lib/contract/members";
import { invitePath, repositoriesPath } from "@/lib/contract/paths";
import { acceptInvitation as accept } from "@/lib/domain/members/accept-invitation";
import { acceptInvitationAs } from "@/lib/domain/members/accept-invitation-as";
import { findInvitation } from "@/lib/domain/members/find-invitation";
import { anonymousContext } from "@/lib/platform/session/anonymous-context";
import { recordingFailure } from "@/lib/platform/session/failed-sign-in";
import { openAction } from "@/lib/platform/session/open-action";
import { afterPassword } from "@/lib/platform/session/pending-sign-in";
import { countingAttempt } from "@/lib/platform/session/sign-in-throttle";
import { userAction } from "@/lib/platform/session/user-action";

export const acceptInvitation = openAction({
  input: acceptInvitationForm,
  run: async (input) => {
    const ctx = await anonymousContext();
    const invitation = await findInvitation(ctx, input.token);
    // Where the address can sign in already, the link must not become a way to guess its password; counted for everybody,
    // so that being counted tells nothing.
    const joined = invitation
      ? await countingAttempt(invitation.email, () =>
          recordingFailure({ account: { email: invitation.email }, why: "password" }, () => accept(ctx, input)),
        )
      : await accept(ctx, input);
    return afterPassword(joined, joined.secondFactor ? invitePath(input.token) : repositoriesPath(joined.organization));
  },
});

export const joinAsMyself = userAction({
  input: joinForm,
  run: async ({ userId }, { token }) => {
    const { organization } = await acceptInvitationAs(await anonymousContext(), { token, userId });
    return repositoriesPath(organization);
  },
});

"use server";

import { acceptInvitationForm } from "@/lib/contract/members";
import { repositoriesPath } from "@/lib/contract/paths";
import { acceptInvitation as accept } from "@/lib/domain/members/accept-invitation";
import { findInvitation } from "@/lib/domain/members/find-invitation";
import { anonymousContext } from "@/lib/platform/session/anonymous-context";
import { openAction } from "@/lib/platform/session/open-action";
import { remoteAddress } from "@/lib/platform/session/request-facts";
import { countSignInAttempt } from "@/lib/platform/session/sign-in-throttle";
import { startSession } from "@/lib/platform/session/start-session";

export const acceptInvitation = openAction({
  input: acceptInvitationForm,
  run: async (input) => {
    const ctx = await anonymousContext();
    const invitation = await findInvitation(ctx, input.token);
    // Where the address can sign in already, the link must not become a way to guess its password.
    if (invitation?.userId) await countSignInAttempt({ email: invitation.email, address: await remoteAddress() });
    const { userId, organization } = await accept(ctx, input);
    await startSession(userId);
    return repositoriesPath(organization);
  },
});

"use server";

import { changePasswordForm } from "@/lib/contract/members";
import { endOtherSessionsForm, endSessionForm } from "@/lib/contract/sessions";
import { changePassword } from "@/lib/domain/members/change-password";
import { endSessions } from "@/lib/domain/sessions/end-sessions";
import { anonymousContext } from "@/lib/platform/session/anonymous-context";
import { goOn } from "@/lib/platform/session/start-session";
import { countingAttempt } from "@/lib/platform/session/sign-in-throttle";
import { userAction } from "@/lib/platform/session/user-action";

export const changeMyPassword = userAction({
  input: changePasswordForm,
  run: async (user, input) => {
    const { userId, sessionId, email } = user;
    const ctx = await anonymousContext();
    await goOn(user, await countingAttempt(email, () => changePassword(ctx, { userId, sessionId, ...input })));
    return "/account?done=password";
  },
});

export const endSession = userAction({
  input: endSessionForm,
  run: async ({ userId }, { id }) => {
    await endSessions(await anonymousContext(), { userId, id });
    return "/account?done=session";
  },
});

export const endOtherSessions = userAction({
  input: endOtherSessionsForm,
  run: async ({ userId, sessionId }) => {
    await endSessions(await anonymousContext(), { userId, allBut: sessionId });
    return "/account?done=sessions";
  },
});

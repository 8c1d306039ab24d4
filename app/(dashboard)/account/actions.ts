"use server";

import { changePasswordForm } from "@/lib/contract/members";
import { changePassword } from "@/lib/domain/members/change-password";
import { anonymousContext } from "@/lib/platform/session/anonymous-context";
import { remoteAddress } from "@/lib/platform/session/request-facts";
import { countSignInAttempt, forgetSignInAttempts } from "@/lib/platform/session/sign-in-throttle";
import { userAction } from "@/lib/platform/session/user-action";

export const changeMyPassword = userAction({
  input: changePasswordForm,
  run: async ({ userId, sessionId, email }, { current, password }) => {
    const attempt = { email, address: await remoteAddress() };
    await countSignInAttempt(attempt);
    await changePassword(await anonymousContext(), { userId, sessionId, current, password });
    await forgetSignInAttempts(attempt);
    return "/account?done=password";
  },
});

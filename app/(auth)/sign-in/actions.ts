"use server";

import { signInForm } from "@/lib/contract/members";
import { signIn as verifySignIn } from "@/lib/domain/members/sign-in";
import { anonymousContext } from "@/lib/platform/session/anonymous-context";
import { openAction } from "@/lib/platform/session/open-action";
import { remoteAddress } from "@/lib/platform/session/request-facts";
import { safeNext } from "@/lib/platform/session/safe-next";
import { countSignInAttempt, forgetSignInAttempts } from "@/lib/platform/session/sign-in-throttle";
import { startSession } from "@/lib/platform/session/start-session";

export const signIn = openAction({
  input: signInForm,
  run: async ({ email, password, next }) => {
    const attempt = { email, address: await remoteAddress() };
    await countSignInAttempt(attempt);
    const { userId } = await verifySignIn(await anonymousContext(), { email, password });
    await forgetSignInAttempts(attempt);
    await startSession(userId);
    return safeNext(next);
  },
});

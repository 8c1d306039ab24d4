"use server";

import { signInForm } from "@/lib/contract/members";
import { signIn as verifySignIn } from "@/lib/domain/members/sign-in";
import { anonymousContext } from "@/lib/platform/session/anonymous-context";
import { recordingFailure } from "@/lib/platform/session/failed-sign-in";
import { openAction } from "@/lib/platform/session/open-action";
import { afterPassword } from "@/lib/platform/session/pending-sign-in";
import { safeNext } from "@/lib/platform/session/safe-next";
import { countingAttempt } from "@/lib/platform/session/sign-in-throttle";

export const signIn = openAction({
  input: signInForm,
  run: async ({ email, password, next }) => {
    const ctx = await anonymousContext();
    const proved = await countingAttempt(email, () =>
      recordingFailure({ account: { email }, why: "password" }, () => verifySignIn(ctx, { email, password })),
    );
    return afterPassword({ ...proved, email }, safeNext(next));
  },
});

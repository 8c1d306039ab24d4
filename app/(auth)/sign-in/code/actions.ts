"use server";

import { codeForm } from "@/lib/contract/second-factor";
import { finishSignIn } from "@/lib/domain/sessions/finish-sign-in";
import { findPendingSignIn, signInTookTooLong } from "@/lib/domain/sessions/pending-sign-in";
import { anonymousContext } from "@/lib/platform/session/anonymous-context";
import { recordingFailure } from "@/lib/platform/session/failed-sign-in";
import { openAction } from "@/lib/platform/session/open-action";
import { afterCode, pendingSignInToken } from "@/lib/platform/session/pending-sign-in";
import { safeNext } from "@/lib/platform/session/safe-next";
import { countingCode } from "@/lib/platform/session/sign-in-throttle";

export const proveCode = openAction({
  input: codeForm,
  run: async ({ code, next }) => {
    const ctx = await anonymousContext();
    const token = await pendingSignInToken();
    const pending = await findPendingSignIn(ctx, token);
    if (!pending) throw signInTookTooLong();
    const { userId } = pending;
    const proved = await countingCode(userId, code, () =>
      recordingFailure({ account: { id: userId }, why: "code" }, () => finishSignIn(ctx, { token, code })),
    );
    await afterCode(proved);
    return safeNext(next);
  },
});

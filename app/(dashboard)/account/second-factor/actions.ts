"use server";

import { secondFactorPath } from "@/lib/contract/paths";
import { ownPasswordForm, turnOnForm } from "@/lib/contract/second-factor";
import { beginSecondFactor } from "@/lib/domain/second-factor/begin-second-factor";
import { renewRecoveryCodes } from "@/lib/domain/second-factor/renew-recovery-codes";
import { turnOffSecondFactor } from "@/lib/domain/second-factor/turn-off-second-factor";
import { turnOnSecondFactor } from "@/lib/domain/second-factor/turn-on-second-factor";
import { anonymousContext } from "@/lib/platform/session/anonymous-context";
import { countingAttempt } from "@/lib/platform/session/sign-in-throttle";
import { userAction, userAnswer } from "@/lib/platform/session/user-action";

export const beginMySecondFactor = userAnswer({
  input: ownPasswordForm,
  run: async ({ userId, email }, { current }) => {
    const ctx = await anonymousContext();
    return countingAttempt(email, () => beginSecondFactor(ctx, { userId, email, current }));
  },
});

export const turnOnMySecondFactor = userAction({
  input: turnOnForm,
  run: async ({ userId, sessionId }, { code }) => {
    await turnOnSecondFactor(await anonymousContext(), { userId, sessionId, code });
    return `${secondFactorPath()}?done=on`;
  },
});

export const renewMyRecoveryCodes = userAnswer({
  input: ownPasswordForm,
  run: async ({ userId, email }, { current }) => {
    const ctx = await anonymousContext();
    return countingAttempt(email, () => renewRecoveryCodes(ctx, { userId, current }));
  },
});

export const turnOffMySecondFactor = userAction({
  input: ownPasswordForm,
  run: async ({ userId, email }, { current }) => {
    const ctx = await anonymousContext();
    await countingAttempt(email, () => turnOffSecondFactor(ctx, { userId, current }));
    return `${secondFactorPath()}?done=off`;
  },
});

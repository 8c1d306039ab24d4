"use server";

import { secondFactorPath } from "@/lib/contract/paths";
import { ownPasswordForm, ownProofForm, turnOnForm } from "@/lib/contract/second-factor";
import { beginSecondFactor } from "@/lib/domain/second-factor/begin-second-factor";
import { renewRecoveryCodes } from "@/lib/domain/second-factor/renew-recovery-codes";
import { turnOffSecondFactor } from "@/lib/domain/second-factor/turn-off-second-factor";
import { turnOnSecondFactor } from "@/lib/domain/second-factor/turn-on-second-factor";
import { anonymousContext } from "@/lib/platform/session/anonymous-context";
import { goOn } from "@/lib/platform/session/start-session";
import { countingAttempt, countingCode } from "@/lib/platform/session/sign-in-throttle";
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
  run: async (user, { code }) => {
    const { userId, sessionId } = user;
    const ctx = await anonymousContext();
    await goOn(user, await countingCode(userId, code, () => turnOnSecondFactor(ctx, { userId, sessionId, code })));
    return `${secondFactorPath()}?done=on`;
  },
});

export const renewMyRecoveryCodes = userAnswer({
  input: ownProofForm,
  run: async ({ userId, email }, input) => {
    const ctx = await anonymousContext();
    return countingAttempt(email, () =>
      countingCode(userId, input.code, () => renewRecoveryCodes(ctx, { userId, ...input })),
    );
  },
});

export const turnOffMySecondFactor = userAction({
  input: ownProofForm,
  run: async (user, input) => {
    const { userId, sessionId, email } = user;
    const ctx = await anonymousContext();
    const renewed = await countingAttempt(email, () =>
      countingCode(userId, input.code, () => turnOffSecondFactor(ctx, { userId, sessionId, ...input })),
    );
    await goOn(user, renewed);
    return `${secondFactorPath()}?done=off`;
  },
});

"use server";

import { keepPreviousForm } from "@/lib/contract/organizations";
import { signInRuleForm } from "@/lib/contract/second-factor";
import { keepPreviousFor } from "@/lib/domain/organizations/keep-previous-for";
import { requireSecondFactor } from "@/lib/domain/organizations/require-second-factor";
import { memberAction } from "@/lib/platform/session/member-action";

export const keepPrevious = memberAction({
  permission: "organization:write",
  input: keepPreviousForm,
  run: keepPreviousFor,
});

export const changeSignInRule = memberAction({
  permission: "sign-in-rule:write",
  input: signInRuleForm,
  run: (ctx, { required }) => requireSecondFactor(ctx, { required: required === "yes" }),
});

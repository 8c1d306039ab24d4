"use server";

import { resetForm } from "@/lib/contract/members";
import { resetPassword as reset } from "@/lib/domain/members/reset-password";
import { anonymousContext } from "@/lib/platform/session/anonymous-context";
import { openAction } from "@/lib/platform/session/open-action";

export const resetPassword = openAction({
  input: resetForm,
  run: async (input) => {
    await reset(await anonymousContext(), input);
    return "/sign-in?done=reset";
  },
});

import "server-only";
import { refresh } from "next/cache";
import type { z } from "zod";
import { requireUser, type CurrentUser } from "./current-member";
import { answerForm } from "./form-action";
import type { FormState } from "./form-state";
import { openAction } from "./open-action";

/** Declares a server action on one's own account, whatever the organization. `run` answers where to go next. */
export function userAction<S extends z.ZodType>(declared: {
  input: S;
  run: (user: CurrentUser, input: z.output<S>) => Promise<string>;
}): (previous: FormState, form: FormData) => Promise<FormState> {
  return async (previous, form) => {
    const user = await requireUser();
    return openAction({ input: declared.input, run: (input) => declared.run(user, input) })(previous, form);
  };
}

/** The same where the page itself shows the answer, once. */
export function userAnswer<S extends z.ZodType, O>(declared: {
  input: S;
  run: (user: CurrentUser, input: z.output<S>) => Promise<O>;
}): (previous: FormState<O>, form: FormData) => Promise<FormState<O>> {
  return async (_previous, form) => {
    const user = await requireUser();
    const state = await answerForm(declared, form, (input) => declared.run(user, input()));
    if (state.status === "ok") refresh();
    return state;
  };
}

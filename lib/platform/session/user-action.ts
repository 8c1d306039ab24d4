import "server-only";
import type { z } from "zod";
import { requireUser, type CurrentUser } from "./current-member";
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

import "server-only";
import { redirect } from "next/navigation";
import type { z } from "zod";
import { answerForm } from "./form-action";
import type { FormState } from "./form-state";

/** Declares a server action that anybody may call: signing in, and what a link lets in. `run` answers where to go next. */
export function openAction<S extends z.ZodType>(declared: {
  input: S;
  run: (input: z.output<S>) => Promise<string>;
}): (previous: FormState, form: FormData) => Promise<FormState> {
  return async (_previous, form) => {
    const state = await answerForm(declared, form, (input) => declared.run(input()));
    if (state.status === "ok") redirect(state.output);
    return state;
  };
}

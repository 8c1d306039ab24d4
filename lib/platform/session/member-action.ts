import "server-only";
import { refresh } from "next/cache";
import { redirect } from "next/navigation";
import type { z } from "zod";
import { requirePermission, type Permission } from "@/lib/domain/access/permissions";
import type { Context } from "@/lib/domain/context";
import { memberContext } from "./current-member";
import { answerForm } from "./form-action";
import type { FormState } from "./form-state";

interface MemberAction<S extends z.ZodType, O> {
  permission: Permission;
  /** What the form's text fields must be; fields that it does not name are dropped. */
  input: S;
  /** Fields that the form never gets back, besides password, current, secret, token and code. */
  secretFields?: readonly string[];
  /** Fields that may be a file: it comes in as the text that it holds. */
  fileFields?: readonly string[];
  run: (ctx: Context, input: z.output<S>) => Promise<O>;
  /** Where to go afterwards; without it the page is shown anew. */
  redirectTo?: (output: O, orgSlug: string) => string;
}

/**
 * Declares a server action of a signed-in member:
 *
 *     export const addThing = memberAction({ permission, input, run });
 *     const [state, formAction] = useActionState(addThing.bind(null, org), IDLE);
 */
export function memberAction<S extends z.ZodType, O>(
  action: MemberAction<S, O>,
): (orgSlug: string, previous: FormState<O>, form: FormData) => Promise<FormState<O>> {
  return async (orgSlug, _previous, form) => {
    const ctx = await memberContext(orgSlug);
    const state = await answerForm(action, form, async (input) => {
      requirePermission(ctx.actor, action.permission);
      return action.run(ctx, input());
    });
    if (state.status === "ok") {
      if (action.redirectTo) redirect(action.redirectTo(state.output, orgSlug));
      refresh();
    }
    return state;
  };
}

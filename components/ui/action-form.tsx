"use client";

import { zodResolver } from "@hookform/resolvers/zod";
import { startTransition, useActionState, useId, useState, type FormEvent, type ReactNode } from "react";
import { useForm, type Resolver } from "react-hook-form";
import type { z } from "zod";
import { ErrorSummary } from "./error-summary";
import { FormContext } from "./form-context";

/** What a server action hands back; `values` are the typed strings, never the secret ones. */
type State<O> =
  | { status: "idle" }
  | { status: "ok"; output: O }
  | { status: "error"; message: string; fields: Record<string, string>; values: Record<string, string> };

export type FormAction<O = unknown> = (previous: State<O>, form: FormData) => Promise<State<O>>;

interface ActionFormProps<O> {
  action: FormAction<O>;
  /** The contract's schema: what it refuses is said beside the field before anything is sent. */
  schema: z.ZodType;
  /** Fields that are sent and not shown. */
  hidden?: Record<string, string>;
  values?: Record<string, string>;
  /** Fields that are emptied by every submit. */
  secrets?: readonly string[];
  /** Another reason not to send yet, such as an unanswered question; a field's name and a sentence. */
  hold?: (values: Record<string, string>) => Record<string, string> | null;
  onSend?: (values: Record<string, string>) => void;
  /** What is shown under the form once it was accepted. */
  done?: (output: O) => ReactNode;
  /** What is shown in the form's place once it was accepted. */
  instead?: (output: O) => ReactNode;
  label: string;
  className?: string;
  children: ReactNode;
}

/**
 * A form over a server action. Before JavaScript arrives it is an ordinary POST; afterwards its fields are checked as
 * they are left, errors stand beside them and in a summary that takes focus, and typed values stay, secrets never.
 */
export function ActionForm<O>({
  action,
  schema,
  hidden = {},
  values = {},
  secrets = [],
  hold,
  onSend,
  done,
  instead,
  label,
  className,
  children,
}: ActionFormProps<O>) {
  const [state, dispatch, pending] = useActionState<State<O>, FormData>(action, { status: "idle" });
  const [dismissed, setDismissed] = useState<State<O>>();
  const idPrefix = useId();
  const initial: Record<string, string> = { ...values, ...hidden, ...(state.status === "error" && state.values) };
  const form = useForm<Record<string, string>>({
    defaultValues: initial,
    resolver: zodResolver(schema as never) as unknown as Resolver<Record<string, string>>,
    shouldFocusError: false,
  });
  const refused = state.status === "error" && state !== dismissed ? state : undefined;
  const clientErrors = Object.fromEntries(
    Object.entries(form.formState.errors).map(([name, error]) => [name, String(error?.message)]),
  );

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (pending) return;
    const element = event.currentTarget;
    setDismissed(state);
    void form.handleSubmit((_parsed) => {
      const typed = form.getValues();
      const held = hold?.(typed);
      if (held) {
        for (const [name, message] of Object.entries(held)) form.setError(name, { message });
        return;
      }
      const data = new FormData(element);
      onSend?.(typed);
      for (const name of secrets) form.setValue(name, "");
      startTransition(() => dispatch(data));
    })(event);
  }

  if (state.status === "ok" && instead) return instead(state.output);
  return (
    <FormContext value={{ form, initial, serverErrors: refused?.fields ?? {}, idPrefix, pending }}>
      <form action={dispatch} onSubmit={submit} noValidate aria-label={label} className={className}>
        <ErrorSummary
          message={refused?.message ?? "Some fields need another look."}
          fields={Object.keys(clientErrors).length > 0 ? clientErrors : (refused?.fields ?? {})}
          shown={refused !== undefined || (form.formState.submitCount > 0 && Object.keys(clientErrors).length > 0)}
          attempt={`${form.formState.submitCount} ${refused ? "server" : "client"}`}
          idPrefix={idPrefix}
        />
        {Object.entries(hidden).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        {children}
        {state.status === "ok" && done && <div role="status">{done(state.output)}</div>}
      </form>
    </FormContext>
  );
}

"use client";

import Link from "next/link";
import { useEffect, useRef, type ReactNode } from "react";
import { z } from "zod";
import { ActionForm, type FormAction } from "./action-form";
import { buttonStyle } from "./button-style";
import { SubmitButton } from "./submit-button";

interface ConfirmActProps<O> {
  title: string;
  action: FormAction<O>;
  hidden: Record<string, string>;
  /** The page without the question. */
  cancel: string;
  verb: string;
  busy: string;
  children: ReactNode;
}

const NOTHING_TYPED = z.object({});

/** A question before something ends: says what stops working, and focus starts on Cancel. */
export function ConfirmAct<O>({ title, action, hidden, cancel, verb, busy, children }: ConfirmActProps<O>) {
  const away = useRef<HTMLAnchorElement>(null);
  useEffect(() => away.current?.focus(), []);
  return (
    <section aria-label={title} className="rounded-lg border border-danger bg-raised p-5">
      <h2 className="text-sm font-semibold">{title}</h2>
      <p className="mt-1 mb-4 max-w-prose text-sm">{children}</p>
      <ActionForm action={action} schema={NOTHING_TYPED} hidden={hidden} label={title}>
        <div className="flex flex-wrap gap-2">
          <Link ref={away} href={cancel} scroll={false} className={buttonStyle("secondary")}>
            Cancel
          </Link>
          <SubmitButton variant="danger" busy={busy}>
            {verb}
          </SubmitButton>
        </div>
      </ActionForm>
    </section>
  );
}

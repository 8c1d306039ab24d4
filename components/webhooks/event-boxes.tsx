"use client";

import { CircleAlert } from "lucide-react";
import { CheckboxField } from "@/components/ui/checkbox-field";
import { useFormField } from "@/components/ui/form-context";
import { eventField, WEBHOOK_EVENT_WORDS, type WebhookEvent } from "@/lib/contract/webhooks";

/** A box for each event; what is wrong with the choice is said at the first. */
export function EventBoxes({ events, legend = "Events" }: { events: readonly WebhookEvent[]; legend?: string }) {
  const { id, error } = useFormField(eventField(events[0]!));
  const errorId = `${id}-error`;
  return (
    <fieldset>
      <legend className="mb-1.5 text-sm font-medium">{legend}</legend>
      <div className="space-y-2">
        {events.map((event) => (
          <CheckboxField
            key={event}
            name={eventField(event)}
            errorId={errorId}
            label={
              <>
                {WEBHOOK_EVENT_WORDS[event]}{" "}
                <code className="font-mono text-[0.8125rem] wrap-anywhere text-muted">{event}</code>
              </>
            }
          />
        ))}
      </div>
      <p id={errorId} className="mt-1.5 flex gap-1.5 text-sm text-danger empty:hidden">
        {error && (
          <>
            <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
            {error}
          </>
        )}
      </p>
    </fieldset>
  );
}

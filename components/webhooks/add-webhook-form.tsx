"use client";

import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { SecretField } from "@/components/ui/secret-field";
import { SubmitButton } from "@/components/ui/submit-button";
import { TextField } from "@/components/ui/text-field";
import { addWebhookForm, eventField, WEBHOOK_EVENTS, type WebhookEvent } from "@/lib/contract/webhooks";
import { EventBoxes } from "./event-boxes";
import { MakeSecret } from "./make-secret";

const AT_FIRST: readonly WebhookEvent[] = ["repo.sync.failed", "credential.rejected"];

export function AddWebhookForm({ action }: { action: FormAction<{ id: string }> }) {
  return (
    <ActionForm
      action={action}
      schema={addWebhookForm}
      secrets={["secret"]}
      values={Object.fromEntries(AT_FIRST.map((event) => [eventField(event), "on"]))}
      label="Add a webhook"
      className="max-w-xl space-y-5"
    >
      <TextField
        name="url"
        label="Address"
        mono
        hint="Where events are sent, by POST. It begins with https:// and is reachable from here."
      />
      <SecretField
        name="secret"
        label="Secret"
        hint="Signs every delivery, so that your receiver knows that it is from here. At least 16 characters; give your receiver the same."
      />
      <MakeSecret />
      <EventBoxes events={WEBHOOK_EVENTS} />
      <SubmitButton busy="Adding…">Add webhook</SubmitButton>
    </ActionForm>
  );
}

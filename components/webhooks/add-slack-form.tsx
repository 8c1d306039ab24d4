"use client";

import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { SecretField } from "@/components/ui/secret-field";
import { SubmitButton } from "@/components/ui/submit-button";
import { addSlackForm, NOTICE_EVENTS, NOTICES_AT_FIRST } from "@/lib/contract/notices";
import { eventField } from "@/lib/contract/webhooks";
import { EventBoxes } from "./event-boxes";

export function AddSlackForm({ action }: { action: FormAction<{ id: string }> }) {
  return (
    <ActionForm
      action={action}
      schema={addSlackForm}
      secrets={["url"]}
      values={Object.fromEntries(NOTICES_AT_FIRST.map((event) => [eventField(event), "on"]))}
      label="Add a Slack channel"
      className="max-w-xl space-y-5"
    >
      <SecretField
        name="url"
        label="Incoming webhook"
        hint="The address that Slack gives you for a channel, or that of anything that takes the same messages. Who has it can post there, so it is sealed, and not shown again."
      />
      <EventBoxes events={NOTICE_EVENTS} />
      <SubmitButton busy="Adding…">Add channel</SubmitButton>
    </ActionForm>
  );
}

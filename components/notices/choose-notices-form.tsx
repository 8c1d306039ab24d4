"use client";

import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { SubmitButton } from "@/components/ui/submit-button";
import { EventBoxes } from "@/components/webhooks/event-boxes";
import { NOTICE_EVENTS, noticeChoiceForm, type NoticeEvent } from "@/lib/contract/notices";
import { eventField } from "@/lib/contract/webhooks";

interface ChooseNoticesFormProps {
  action: FormAction<void>;
  chosen: readonly NoticeEvent[];
}

export function ChooseNoticesForm({ action, chosen }: ChooseNoticesFormProps) {
  return (
    <ActionForm
      action={action}
      schema={noticeChoiceForm}
      values={Object.fromEntries(chosen.map((event) => [eventField(event), "on"]))}
      done={() => <p className="mt-3 text-sm text-ok">Saved.</p>}
      label="What you are told of"
      className="max-w-xl space-y-5"
    >
      <EventBoxes events={NOTICE_EVENTS} legend="Send me mail when" />
      <p className="text-sm text-muted">You are not told of what you did yourself.</p>
      <SubmitButton variant="secondary" busy="Saving…">
        Save
      </SubmitButton>
    </ActionForm>
  );
}

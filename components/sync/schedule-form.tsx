"use client";

import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { SelectField } from "@/components/ui/select-field";
import { SubmitButton } from "@/components/ui/submit-button";
import { SCHEDULES, scheduleForm } from "@/lib/contract/sync-runs";

interface ScheduleFormProps {
  action: FormAction<void>;
  repository: string;
  everyMinutes: number;
}

export function ScheduleForm({ action, repository, everyMinutes }: ScheduleFormProps) {
  return (
    <ActionForm
      action={action}
      schema={scheduleForm}
      hidden={{ repository }}
      values={{ everyMinutes: String(everyMinutes) }}
      done={() => <p className="mt-3 text-sm text-ok">Saved.</p>}
      label="Schedule"
      className="max-w-xs space-y-4"
    >
      <SelectField
        name="everyMinutes"
        label="Pull"
        options={SCHEDULES.map(({ minutes, label }) => ({ value: String(minutes), label }))}
      />
      <SubmitButton variant="secondary" busy="Saving…">
        Save schedule
      </SubmitButton>
    </ActionForm>
  );
}

"use client";

import { useWatch } from "react-hook-form";
import { Notice } from "@/components/ui/notice";
import { SecretField } from "@/components/ui/secret-field";
import { useActionForm } from "@/components/ui/form-context";
import type { ProviderName } from "@/lib/contract/providers";
import { secretAdvice } from "@/lib/contract/secret-advice";

interface NewSecretFieldsProps {
  provider: ProviderName;
  label: string;
  anyway: boolean;
  onAnyway: (anyway: boolean) => void;
  autoFocus?: boolean;
}

/** The new secret, and what its first letters tell about it before it is sent. */
export function NewSecretFields({ provider, label, anyway, onAnyway, autoFocus }: NewSecretFieldsProps) {
  const { form } = useActionForm();
  const typed = useWatch({ control: form.control, name: "password" }) ?? "";
  const advice = secretAdvice(provider, typed);
  return (
    <div className="space-y-3">
      <SecretField
        name="password"
        label={label}
        autoFocus={autoFocus}
        hint="It is never shown again once it is stored."
      />
      <div role="status" className="empty:hidden">
        {advice && (
          <Notice tone="warn">
            <p>{advice.message}</p>
            {advice.kind === "wrong" && (
              <label className="mt-2 flex items-center gap-2">
                <input type="checkbox" checked={anyway} onChange={(event) => onAnyway(event.currentTarget.checked)} />
                Store it anyway
              </label>
            )}
          </Notice>
        )}
      </div>
    </div>
  );
}

/** Keeps a secret of another host's kind from being sent, unless it was asked for in so many words. */
export function holdWrongSecret(
  provider: ProviderName,
  values: Record<string, string>,
  anyway: boolean,
): Record<string, string> | null {
  const advice = secretAdvice(provider, values.password ?? "");
  if (advice?.kind !== "wrong" || anyway) return null;
  return { password: `${advice.message} Nothing was sent. Tick “Store it anyway” if you are sure.` };
}

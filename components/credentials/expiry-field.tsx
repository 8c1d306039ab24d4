import { TextField } from "@/components/ui/text-field";
import { PROVIDER_FACTS } from "@/lib/contract/provider-facts";
import type { ProviderName } from "@/lib/contract/providers";

/** When the token ends, where the host does not tell by itself. */
export function ExpiryField({ provider }: { provider: ProviderName }) {
  if (provider === "gitlab") return null;
  return (
    <div className="max-w-xs">
      <TextField
        name="expiresAt"
        label="Ends on"
        type="date"
        optional
        hint={`${PROVIDER_FACTS[provider].expiry} You are told 30, 14, 7 days and one day before.`.trim()}
      />
    </div>
  );
}

import { TextField } from "@/components/ui/text-field";
import { PROVIDER_FACTS } from "@/lib/contract/provider-facts";
import type { ProviderName } from "@/lib/contract/providers";

/** When the token ends, where the host does not tell by itself. */
export function ExpiryField({ provider }: { provider: ProviderName }) {
  if (provider === "gitlab") return null;
  const { expiry, longestDays } = PROVIDER_FACTS[provider];
  return (
    <div className="max-w-xs">
      <TextField
        name="expiresAt"
        label="Ends on"
        type="date"
        optional
        suggestions={
          longestDays === undefined ? undefined : [{ value: dayIn(longestDays), label: "Made today, for a year" }]
        }
        hint={`${expiry} You are told 30, 14, 7 days and one day before.`.trim()}
      />
    </div>
  );
}

/** The day (UTC) so many days from now. */
function dayIn(days: number): string {
  return new Date(Date.now() + days * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
}

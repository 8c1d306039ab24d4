import { Notice } from "@/components/ui/notice";
import type { CredentialPageQuery } from "@/lib/contract/credential-page";

const SENTENCES = {
  added: "Stored, and sealed to this upstream. It will not be shown again, here or anywhere.",
  rotated: "Rotated. The new secret is in its place.",
  discarded: "Discarded. The waiting secret is erased; the one in use stays as it was.",
  rolled_back: "Rolled back. The previous secret is in use again, as a new version.",
  erased: "Erased. There is no way back to the previous secret any more.",
  renews: "Turned on. The host is asked for a new token before this one ends.",
  renews_not: "Turned off. The token ends when it ends.",
  tested: "Tested just now. The result stands below.",
  removed: "Removed. The secret is erased here; revoke the token on the host too if nothing else uses it.",
} as const;

/** What was just done. */
export function CredentialNotice({ done }: Pick<CredentialPageQuery, "done">) {
  if (!done) return null;
  return (
    <Notice tone="ok" status>
      {SENTENCES[done]}
    </Notice>
  );
}

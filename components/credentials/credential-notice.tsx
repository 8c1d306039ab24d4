import { Notice } from "@/components/ui/notice";
import type { CredentialPageQuery } from "@/lib/contract/credential-page";

const SENTENCES = {
  added: "Stored, and sealed to this upstream. It will not be shown again, here or anywhere.",
  rotated: "Rotated. The new secret is in its place, and the old one is erased.",
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

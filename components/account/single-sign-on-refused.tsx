import { Notice } from "@/components/ui/notice";
import type { SingleSignOnRefusal } from "@/lib/contract/single-sign-on";

const SENTENCES: Record<SingleSignOnRefusal, string> = {
  unknown:
    "The identity provider knows you, but nobody here is invited or known under your e-mail address. Ask an owner or an admin for an invitation.",
  unverified:
    "The identity provider does not say that it verified your e-mail address, so it cannot stand for you here. Verify it there and try again.",
  other_subject:
    "Another account of the identity provider is linked to your e-mail address already. Ask whoever operates this Latchkey.",
  throttled: "Too many attempts from your network. Try again in a quarter of an hour.",
  failed: "Single sign-on did not work. Try again; if it stays like this, tell whoever operates this Latchkey.",
};

/** Why single sign-on did not let somebody in. */
export function SingleSignOnRefused({ reason }: { reason: SingleSignOnRefusal }) {
  return (
    <Notice tone="warn" status className="mb-5">
      {SENTENCES[reason]}
    </Notice>
  );
}

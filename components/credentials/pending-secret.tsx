import type { FormAction } from "@/components/ui/action-form";
import { Notice } from "@/components/ui/notice";
import { RelativeTime } from "@/components/ui/relative-time";
import { RENEWAL_ACTOR } from "@/lib/contract/renewals";
import type { CredentialRow } from "@/lib/contract/repository-row";
import { CredentialActForm } from "./credential-act-form";

interface PendingSecretProps {
  id: string;
  pending: NonNullable<CredentialRow["pending"]>;
  /** Null where the member may not. */
  acts: { finish: FormAction<string>; discard: FormAction<string> } | null;
}

/** A new secret that is stored and in use by nothing, because its test did not come to an end. */
export function PendingSecret({ id, pending, acts }: PendingSecretProps) {
  return (
    <Notice tone="warn" className="mt-4">
      {pending.by === RENEWAL_ACTOR ? (
        <p>
          The host renewed the token <RelativeTime date={pending.at} /> and then rejected the new one at its test, so
          that one waits here. The one before it has most likely ended. Test the new one again, or rotate with another.
        </p>
      ) : (
        <p>
          A new secret by {pending.by} waits for its test since <RelativeTime date={pending.at} />. The one before it is
          still in use.
        </p>
      )}
      {acts && (
        <div className="mt-3 flex flex-wrap gap-2">
          <CredentialActForm action={acts.finish} id={id} label="Test the waiting secret" busy="Testing…">
            Test it, and use it if it passes
          </CredentialActForm>
          {pending.by !== RENEWAL_ACTOR && (
            <CredentialActForm action={acts.discard} id={id} label="Discard the waiting secret" busy="Discarding…">
              Discard it
            </CredentialActForm>
          )}
        </div>
      )}
    </Notice>
  );
}

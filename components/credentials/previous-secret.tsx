import type { FormAction } from "@/components/ui/action-form";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { CredentialActForm } from "./credential-act-form";

interface PreviousSecretProps {
  id: string;
  until: Date;
  host: string;
  /** Null where the member may not. */
  acts: { rollBack: FormAction<string>; erase: FormAction<string> } | null;
}

/** The way back to the secret before the current one, while it is kept. */
export function PreviousSecret({ id, until, host, acts }: PreviousSecretProps) {
  return (
    <Panel title="Previous secret">
      <p className="max-w-prose text-sm">
        The secret before this one is kept, sealed, and is erased <RelativeTime date={until} />. Going back tests it
        against {host} first. Where the first pull with the new secret is rejected and the previous one still works,
        Latchkey goes back by itself and says so here.
      </p>
      {acts && (
        <div className="mt-4 flex flex-wrap gap-2">
          <CredentialActForm action={acts.rollBack} id={id} label="Go back to the previous secret" busy="Testing it…">
            Roll back
          </CredentialActForm>
          <CredentialActForm action={acts.erase} id={id} label="Erase the previous secret" busy="Erasing…">
            Erase it now
          </CredentialActForm>
        </div>
      )}
    </Panel>
  );
}

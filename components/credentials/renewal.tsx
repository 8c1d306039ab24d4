import type { FormAction } from "@/components/ui/action-form";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { PROVIDER_FACTS } from "@/lib/contract/provider-facts";
import { renewalSentence, type RenewalRow } from "@/lib/contract/renewals";
import { ChooseRenewalForm } from "./choose-renewal-form";

interface RenewalProps {
  id: string;
  host: string;
  renewal: RenewalRow;
  /** How many other repositories use the same token. */
  sharing: number;
  /** Null where the member may not. */
  action: FormAction<{ name: string; on: "true" | "false" }> | null;
}

/** Whether the token renews itself, when, and the switch; nothing where it cannot. */
export function Renewal(props: RenewalProps) {
  const { id, host, renewal, action } = props;
  const { on, possible, together, failed } = renewal;
  if (!on && !possible && !together && !failed) return null;
  return (
    <Panel title="Renewal">
      <div className="space-y-4">
        {failed && (
          <Notice tone="warn">
            {renewalSentence(failed.outcome, host)} <TokenPage host={host} needed={failed.outcome !== "unreachable"} />
            <span className="text-muted">
              Noticed <RelativeTime date={failed.at} />.
            </span>
          </Notice>
        )}
        {!failed && <How {...props} />}
        {failed && on && <p className="text-sm">Renewal stays turned on, for a token that takes its place too.</p>}
        {action && (on || !together) && (on || possible) && <ChooseRenewalForm action={action} id={id} on={on} />}
      </div>
    </Panel>
  );
}

/** What will happen, or would. */
function How({ host, renewal, sharing }: RenewalProps) {
  const { on, together } = renewal;
  if (!on && together) return <Together name={together} />;
  return (
    <div className="max-w-prose space-y-2 text-sm">
      {on ? <Turned renewal={renewal} host={host} /> : <Offer host={host} />}
      <p className="text-muted">
        {host} ends the old token at once.{" "}
        {sharing === 1 && "The other repository here that uses it gets the new one too. "}
        {sharing > 1 && `The ${sharing} other repositories here that use it get the new one too. `}
        Whatever else uses it, outside Latchkey, stops working then.
      </p>
    </div>
  );
}

function Turned({ renewal: { nextAt }, host }: Pick<RenewalProps, "renewal" | "host">) {
  if (!nextAt) return <p>Renews itself, as soon as a token is here whose end is known.</p>;
  return (
    <p>
      Renews itself: {host} is asked for a new token <RelativeTime date={nextAt} />, and it takes the place of this one.
    </p>
  );
}

function Together({ name }: { name: string }) {
  return (
    <p className="max-w-prose text-sm">
      Renews itself, together with the credential of <strong className="font-medium">{name}</strong>, which uses the
      same token.
    </p>
  );
}

function Offer({ host }: { host: string }) {
  return (
    <p>This token may renew itself: Latchkey can ask {host} for a new one before it ends, for as long as this one.</p>
  );
}

function TokenPage({ host, needed }: { host: string; needed: boolean }) {
  const page = PROVIDER_FACTS.gitlab.tokenPage?.(host);
  if (!needed || !page) return null;
  return (
    <>
      <a href={page} className="underline underline-offset-4" rel="noreferrer">
        Make a new token
      </a>{" "}
      with <code className="font-mono text-[0.8125rem]">self_rotate</code> there, and rotate.{" "}
    </>
  );
}

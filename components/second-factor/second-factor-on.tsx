import type { FormAction } from "@/components/ui/action-form";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import type { SecondFactorFacts } from "@/lib/contract/second-factor";
import { RenewForm } from "./renew-form";
import { TurnOffForm } from "./turn-off-form";

interface SecondFactorOnProps {
  secondFactor: SecondFactorFacts;
  renew: FormAction<{ recoveryCodes: string[] }>;
  turnOff: FormAction;
}

/** What can be done with a second factor that is on. */
export function SecondFactorOn({ secondFactor, renew, turnOff }: SecondFactorOnProps) {
  const { since, recoveryCodesLeft } = secondFactor;
  return (
    <>
      <Panel title="Recovery codes">
        <p className="mb-4 text-sm">
          The second factor was turned on {since && <RelativeTime date={since} />}.{" "}
          {recoveryCodesLeft === 1 ? "1 recovery code is" : `${recoveryCodesLeft} recovery codes are`} left. New ones
          make the old ones worthless.
        </p>
        <RenewForm action={renew} />
      </Panel>
      <Panel title="Turn off">
        <p className="mb-4 text-sm">
          Your password alone lets you in then. Where an organization asks for a second factor, you are led back here.
        </p>
        <TurnOffForm action={turnOff} />
      </Panel>
    </>
  );
}

import type { FormAction } from "@/components/ui/action-form";
import { Panel } from "@/components/ui/panel";
import type { SecondFactorFacts } from "@/lib/contract/second-factor";
import { BeginForm } from "./begin-form";
import type { NewSecondFactorProps } from "./new-second-factor";
import { TurnOnForm } from "./turn-on-form";

interface SecondFactorOffProps {
  secondFactor: SecondFactorFacts;
  begin: FormAction<NewSecondFactorProps>;
  turnOn: FormAction;
}

/** The way to a second factor, in two steps. */
export function SecondFactorOff({ secondFactor, begin, turnOn }: SecondFactorOffProps) {
  if (!secondFactor.hasPassword) {
    return (
      <Panel title="Nothing to set up here">
        <p className="text-sm">
          You sign in with single sign-on and have no password, so a second factor is your identity provider’s to ask
          for.
        </p>
      </Panel>
    );
  }
  const begun = secondFactor.state === "begun";
  return (
    <>
      <Panel title="1. Put Latchkey into an app">
        <BeginForm action={begin} begun={begun} />
      </Panel>
      {begun && (
        <Panel title="2. Turn it on with a first code">
          <TurnOnForm action={turnOn} />
        </Panel>
      )}
    </>
  );
}

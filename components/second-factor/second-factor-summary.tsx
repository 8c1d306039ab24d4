import { LinkButton } from "@/components/ui/link-button";
import { Panel } from "@/components/ui/panel";
import { secondFactorPath } from "@/lib/contract/paths";
import type { SecondFactorFacts } from "@/lib/contract/second-factor";

/** The second factor on the account's page. */
export function SecondFactorSummary({ secondFactor }: { secondFactor: SecondFactorFacts }) {
  const on = secondFactor.state === "on";
  return (
    <Panel title="Second factor">
      <p className="mb-4 text-sm">
        {on
          ? "On. Signing in with your password asks for a code of your app."
          : "Off. Whoever learns your password is in."}
      </p>
      <LinkButton href={secondFactorPath()}>{on ? "Recovery codes, turn off…" : "Set up a second factor"}</LinkButton>
    </Panel>
  );
}

import { Facts } from "@/components/ui/facts";
import type { FormAction } from "@/components/ui/action-form";
import { Panel } from "@/components/ui/panel";
import { minutesWords, type TokenPolicy } from "@/lib/contract/token-claims";
import { TokenPolicyForm } from "./token-policy-form";

/** What the organization asks of its tokens; a form for those who may change it, given by its action. */
export function TokenPolicyPanel({ policy, change }: { policy: TokenPolicy; change?: FormAction<void> }) {
  const { audience, maxMinutes } = policy;
  return (
    <Panel title="Rules for tokens">
      {change ? (
        <TokenPolicyForm action={change} policy={policy} />
      ) : (
        <Facts
          facts={[
            ["Good for at most", maxMinutes === null ? "as long as they say" : minutesWords(maxMinutes)],
            ["Audience", audience === null ? "any" : <code className="font-mono text-[0.8125rem]">{audience}</code>],
          ]}
        />
      )}
    </Panel>
  );
}

import type { FormAction } from "@/components/ui/action-form";
import { Panel } from "@/components/ui/panel";
import type { SignInRule } from "@/lib/contract/second-factor";
import { SignInRuleForm } from "./sign-in-rule-form";

/** Whether members need a second factor, and who has none. */
export function SignInRulePanel({ rule, action }: { rule: SignInRule; action: FormAction<void> }) {
  const { secondFactorRequired, members, without } = rule;
  return (
    <Panel title={secondFactorRequired ? "A second factor is required" : "A second factor is not required"}>
      <div className="max-w-prose space-y-3 text-sm">
        <p>
          {secondFactorRequired
            ? "Who signs in with a password alone is led to set one up before anything else here. "
            : "Required, it is asked of everybody who signs in with a password, from their next click on. "}
          Single sign-on counts as one: what it asks for is the identity provider’s to rule. Tokens of scripts are not
          touched.
        </p>
        <p>
          {without.count === 0
            ? `Each of the ${members} members has one, or signs in with single sign-on alone.`
            : `${without.count} of ${members} members have none:`}
        </p>
        {without.count > 0 && (
          <ul className="list-disc space-y-0.5 pl-5">
            {without.emails.map((email) => (
              <li key={email} className="break-words">
                {email}
              </li>
            ))}
            {without.count > without.emails.length && <li>and {without.count - without.emails.length} more</li>}
          </ul>
        )}
      </div>
      <SignInRuleForm action={action} required={secondFactorRequired} />
    </Panel>
  );
}

import type { Metadata } from "next";
import { KeepPreviousForm } from "@/components/organizations/keep-previous-form";
import { SignInRulePanel } from "@/components/organizations/sign-in-rule-panel";
import { NoPermission } from "@/components/ui/no-permission";
import { PageHeader } from "@/components/ui/page-header";
import { Panel } from "@/components/ui/panel";
import { repositoriesPath } from "@/lib/contract/paths";
import { may } from "@/lib/domain/access/permissions";
import { readKeepDays } from "@/lib/domain/organizations/keep-previous-for";
import { readSignInRule } from "@/lib/domain/organizations/read-sign-in-rule";
import { memberContext } from "@/lib/platform/session/current-member";
import { changeSignInRule, keepPrevious } from "./actions";

export const metadata: Metadata = { title: "Organization" };

export default async function OrganizationPage({ params }: PageProps<"/[org]/settings/organization">) {
  const { org } = await params;
  const ctx = await memberContext(org);
  if (!may(ctx.actor, "organization:write")) {
    return <NoPermission back={repositoriesPath(org)}>Only owners and admins change the organization.</NoPermission>;
  }
  return (
    <>
      <PageHeader title="Organization">What holds for all of {org}.</PageHeader>
      <div className="space-y-5">
        <Panel title="Replaced secrets">
          <p className="mb-4 max-w-prose text-sm text-muted">
            After a rotation the secret before it can be kept, sealed, so that one can go back to it in one click. What
            is kept already keeps its time.
          </p>
          <KeepPreviousForm action={keepPrevious.bind(null, org)} days={await readKeepDays(ctx)} />
        </Panel>
        {may(ctx.actor, "sign-in-rule:write") && (
          <SignInRulePanel rule={await readSignInRule(ctx)} action={changeSignInRule.bind(null, org)} />
        )}
      </div>
    </>
  );
}

import type { Metadata } from "next";
import { ChangePasswordForm } from "@/components/account/change-password-form";
import { SecondFactorSummary } from "@/components/second-factor/second-factor-summary";
import { SessionPanel } from "@/components/sessions/session-panel";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { Panel } from "@/components/ui/panel";
import { accountPageQuery } from "@/lib/contract/sessions";
import { readSecondFactor } from "@/lib/domain/second-factor/read-second-factor";
import { listSessions } from "@/lib/domain/sessions/list-sessions";
import { anonymousContext } from "@/lib/platform/session/anonymous-context";
import { requireUser } from "@/lib/platform/session/current-member";
import { changeMyPassword, endOtherSessions, endSession } from "./actions";

export const metadata: Metadata = { title: "Account" };

const SENTENCES = {
  password: "Your password is changed, and you are signed out everywhere else.",
  session: "The session is ended. Whoever used it is asked to sign in with the next click.",
  sessions: "You are signed out everywhere but here.",
};

export default async function AccountPage({ searchParams }: PageProps<"/account">) {
  const user = await requireUser();
  const { done } = accountPageQuery.parse(await searchParams);
  const ctx = await anonymousContext();
  const [secondFactor, sessions] = await Promise.all([readSecondFactor(ctx, user), listSessions(ctx, user)]);
  return (
    <>
      <PageHeader title="Account">You are signed in as {user.email}.</PageHeader>
      <div className="space-y-5">
        {done && (
          <Notice tone="ok" status>
            {SENTENCES[done]}
          </Notice>
        )}
        {secondFactor.hasPassword ? (
          <>
            <Panel title="Password">
              <ChangePasswordForm action={changeMyPassword} email={user.email} />
            </Panel>
            <SecondFactorSummary secondFactor={secondFactor} />
          </>
        ) : (
          <Panel title="Password">
            <p className="text-sm">You sign in with single sign-on, and have no password here.</p>
          </Panel>
        )}
        <SessionPanel sessions={sessions} current={user.sessionId} end={endSession} endOthers={endOtherSessions} />
      </div>
    </>
  );
}

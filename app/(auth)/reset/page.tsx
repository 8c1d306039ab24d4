import type { Metadata } from "next";
import { DeadLink } from "@/components/account/dead-link";
import { ResetPasswordForm } from "@/components/account/reset-password-form";
import { PageHeader } from "@/components/ui/page-header";
import { oneTimeLinkIsGood } from "@/lib/domain/members/one-time-link";
import { anonymousContext } from "@/lib/platform/session/anonymous-context";
import { resetPassword } from "./actions";

export const metadata: Metadata = { title: "New password" };

export default async function ResetPage({ searchParams }: PageProps<"/reset">) {
  const token = String((await searchParams).token ?? "");
  if (!(await oneTimeLinkIsGood(await anonymousContext(), "reset", token))) {
    return (
      <DeadLink title="This reset link is no longer good">
        It works once and for an hour. Whoever operates this Latchkey can make you a new one.
      </DeadLink>
    );
  }
  return (
    <>
      <PageHeader title="Set a new password">
        Everywhere you are signed in, you will be signed out. A second factor is turned off, so that you get in without
        it; turn it on again afterwards.
      </PageHeader>
      <ResetPasswordForm action={resetPassword} token={token} />
    </>
  );
}

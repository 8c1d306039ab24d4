import type { Metadata } from "next";
import { SetupForm } from "@/components/account/setup-form";
import { DeadLink } from "@/components/account/dead-link";
import { PageHeader } from "@/components/ui/page-header";
import { oneTimeLinkIsGood } from "@/lib/domain/members/one-time-link";
import { anonymousContext } from "@/lib/platform/session/anonymous-context";
import { setUpFirst } from "./actions";

export const metadata: Metadata = { title: "Set up" };

export default async function SetupPage({ searchParams }: PageProps<"/setup">) {
  const token = String((await searchParams).token ?? "");
  if (!(await oneTimeLinkIsGood(await anonymousContext(), "setup", token))) {
    return (
      <DeadLink title="This set-up link is no longer good">
        It works once and for a day. Start Latchkey again to get a new one; once somebody can sign in, there is none.
      </DeadLink>
    );
  }
  return (
    <>
      <PageHeader title="Welcome to Latchkey">Name your organization and make yourself its owner.</PageHeader>
      <SetupForm action={setUpFirst} token={token} />
    </>
  );
}

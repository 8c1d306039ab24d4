import type { Metadata } from "next";
import Link from "next/link";
import { ChangePasswordForm } from "@/components/account/change-password-form";
import { Logo } from "@/components/ui/logo";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { Panel } from "@/components/ui/panel";
import { requireUser } from "@/lib/platform/session/current-member";
import { changeMyPassword } from "./actions";

export const metadata: Metadata = { title: "Account" };

export default async function AccountPage({ searchParams }: PageProps<"/account">) {
  const { email } = await requireUser();
  const { done } = await searchParams;
  return (
    <main className="mx-auto w-full max-w-2xl px-4 py-8 sm:px-6">
      <Link href="/" className="mb-8 inline-flex items-center gap-2.5 font-semibold tracking-tight">
        <Logo className="size-5" />
        Latchkey
      </Link>
      <PageHeader title="Account">You are signed in as {email}.</PageHeader>
      {done === "password" && (
        <Notice tone="ok" status className="mb-5">
          Your password is changed, and you are signed out everywhere else.
        </Notice>
      )}
      <Panel title="Password">
        <ChangePasswordForm action={changeMyPassword} email={email} />
      </Panel>
    </main>
  );
}

import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { SignInForm } from "@/components/account/sign-in-form";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { currentUser } from "@/lib/platform/session/current-member";
import { safeNext } from "@/lib/platform/session/safe-next";
import { signIn } from "./actions";

export const metadata: Metadata = { title: "Sign in" };

export default async function SignInPage({ searchParams }: PageProps<"/sign-in">) {
  const { next, done } = await searchParams;
  const destination = safeNext(String(next ?? "/"));
  if (await currentUser()) redirect(destination);
  return (
    <>
      <PageHeader title="Sign in" />
      {done === "reset" && (
        <Notice tone="ok" status className="mb-5">
          Your new password is set. Sign in with it.
        </Notice>
      )}
      <SignInForm action={signIn} next={destination} />
    </>
  );
}

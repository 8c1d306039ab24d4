import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { SignInForm } from "@/components/account/sign-in-form";
import { SingleSignOn } from "@/components/account/single-sign-on";
import { SingleSignOnRefused } from "@/components/account/single-sign-on-refused";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { singleSignOnRefusal } from "@/lib/contract/single-sign-on";
import { identityProvider } from "@/lib/platform/env";
import { currentUser } from "@/lib/platform/session/current-member";
import { safeNext } from "@/lib/platform/session/safe-next";
import { signIn } from "./actions";

export const metadata: Metadata = { title: "Sign in" };

export default async function SignInPage({ searchParams }: PageProps<"/sign-in">) {
  const { next, done, refused } = await searchParams;
  const destination = safeNext(String(next ?? "/"));
  if (await currentUser()) redirect(destination);
  const refusal = singleSignOnRefusal.safeParse(refused).data;
  return (
    <>
      <PageHeader title="Sign in" />
      {done === "reset" && (
        <Notice tone="ok" status className="mb-5">
          Your new password is set. Sign in with it.
        </Notice>
      )}
      {refusal && <SingleSignOnRefused reason={refusal} />}
      {identityProvider() && <SingleSignOn next={destination} />}
      <SignInForm action={signIn} next={destination} />
    </>
  );
}

import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { CodeForm } from "@/components/second-factor/code-form";
import { PageHeader } from "@/components/ui/page-header";
import { findPendingSignIn } from "@/lib/domain/sessions/pending-sign-in";
import { anonymousContext } from "@/lib/platform/session/anonymous-context";
import { pendingSignInToken } from "@/lib/platform/session/pending-sign-in";
import { safeNext } from "@/lib/platform/session/safe-next";
import { proveCode } from "./actions";

export const metadata: Metadata = { title: "Second factor" };

export default async function CodePage({ searchParams }: PageProps<"/sign-in/code">) {
  const next = safeNext(String((await searchParams).next ?? "/"));
  if (!(await findPendingSignIn(await anonymousContext(), await pendingSignInToken()))) {
    redirect(`/sign-in?next=${encodeURIComponent(next)}`);
  }
  return (
    <>
      <PageHeader title="Second factor">
        Type the six digits that your app shows for Latchkey. Without the app, type one of your recovery codes.
      </PageHeader>
      <CodeForm action={proveCode} next={next} />
    </>
  );
}

import type { Metadata } from "next";
import Link from "next/link";
import { SecondFactorOff } from "@/components/second-factor/second-factor-off";
import { SecondFactorOn } from "@/components/second-factor/second-factor-on";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { secondFactorPageQuery } from "@/lib/contract/second-factor";
import { readSecondFactor } from "@/lib/domain/second-factor/read-second-factor";
import { anonymousContext } from "@/lib/platform/session/anonymous-context";
import { requireUser } from "@/lib/platform/session/current-member";
import { beginMySecondFactor, renewMyRecoveryCodes, turnOffMySecondFactor, turnOnMySecondFactor } from "./actions";

export const metadata: Metadata = { title: "Second factor" };

const SENTENCES = {
  on: "Your second factor is on, and you are signed out everywhere else. The next sign-in asks for a code.",
  off: "Your second factor is off. Your password alone lets you in.",
};

export default async function SecondFactorPage({ searchParams }: PageProps<"/account/second-factor">) {
  const user = await requireUser();
  const { done, for: organization } = secondFactorPageQuery.parse(await searchParams);
  const secondFactor = await readSecondFactor(await anonymousContext(), user);
  const { state } = secondFactor;
  return (
    <>
      <PageHeader title="Second factor">
        A code from an app on your phone, asked for beside your password.{" "}
        <Link href="/account" className="text-accent underline underline-offset-4">
          Back to your account
        </Link>
      </PageHeader>
      <div className="space-y-5">
        {organization && state !== "on" && (
          <Notice tone="warn">{organization} asks its members for a second factor. Turn yours on to go on.</Notice>
        )}
        {done && (done === "on") === (state === "on") && (
          <Notice tone="ok" status>
            {SENTENCES[done]}
          </Notice>
        )}
        {state === "on" ? (
          <SecondFactorOn secondFactor={secondFactor} renew={renewMyRecoveryCodes} turnOff={turnOffMySecondFactor} />
        ) : (
          <SecondFactorOff secondFactor={secondFactor} begin={beginMySecondFactor} turnOn={turnOnMySecondFactor} />
        )}
      </div>
    </>
  );
}

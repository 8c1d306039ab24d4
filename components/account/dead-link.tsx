import type { ReactNode } from "react";
import { LinkButton } from "@/components/ui/link-button";
import { PageHeader } from "@/components/ui/page-header";

/** What a link shows that was used, withdrawn or has expired. */
export function DeadLink({ title, children }: { title: string; children: ReactNode }) {
  return (
    <>
      <PageHeader title={title}>{children}</PageHeader>
      <LinkButton href="/sign-in">Go to sign-in</LinkButton>
    </>
  );
}

import type { ReactNode } from "react";
import { LinkButton } from "./link-button";
import { PageHeader } from "./page-header";

/** What a page shows to somebody whose role does not allow it. */
export function NoPermission({ back, children }: { back: string; children: ReactNode }) {
  return (
    <>
      <PageHeader title="Your role does not allow this">{children}</PageHeader>
      <LinkButton href={back}>Go back</LinkButton>
    </>
  );
}

import { notFound } from "next/navigation";
import type { ReactNode } from "react";
import { RepositoryHeader } from "@/components/repositories/repository-header";
import { decodeSegment } from "@/lib/contract/paths";
import { readRepositoryRow } from "@/lib/platform/session/repository-row";

export default async function RepositoryLayout({
  children,
  params,
}: LayoutProps<"/[org]/repos/[repo]"> & { children: ReactNode }) {
  const { org, repo } = await params;
  const name = decodeSegment(repo);
  if (!name) notFound();
  return (
    <>
      <RepositoryHeader organization={org} repository={await readRepositoryRow(org, name)} />
      {children}
    </>
  );
}

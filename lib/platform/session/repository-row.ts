import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import { decodeSegment } from "@/lib/contract/paths";
import type { RepositoryRow } from "@/lib/contract/repository-row";
import { DomainError } from "@/lib/domain/errors";
import { providerToWire } from "@/lib/domain/repositories/provider-names";
import { readRepositoryView } from "@/lib/domain/repositories/read-repository";
import type { RepositoryView } from "@/lib/domain/repositories/repository-view";
import { memberContext } from "./current-member";

/** A repository's view in the words of the wire, for the dashboard's components. */
export function toRepositoryRow(view: RepositoryView): RepositoryRow {
  return { ...view, upstream: view.upstream && { ...view.upstream, provider: providerToWire(view.upstream.provider) } };
}

/** The repository of the page, by its encoded segment; read once a request. Unknown ones are the page "not found". */
export const readRepositoryRow = cache(async (org: string, segment: string): Promise<RepositoryRow> => {
  const ctx = await memberContext(org);
  const name = decodeSegment(segment);
  if (!name || name.includes("\0")) notFound();
  try {
    return toRepositoryRow(await readRepositoryView(ctx, name));
  } catch (error) {
    if (error instanceof DomainError && error.code === "not_found") notFound();
    throw error;
  }
});

import type { ImportRow } from "@/lib/contract/imports";

/** Where an import is: looked at, at work, ended by somebody or for good. */
export function importState(row: Pick<ImportRow, "startedAt" | "finishedAt" | "cancelledAt">) {
  if (row.cancelledAt) return "cancelled";
  if (row.finishedAt) return "finished";
  return row.startedAt ? "running" : "waiting";
}

import type { SealBinding } from "../vault/envelope";

/** What a line's sign-in is sealed to. */
export function importBinding(of: {
  organizationId: string;
  importId: string;
  line: number;
  host: string;
}): SealBinding {
  return ["import", of.organizationId, of.importId, of.line, of.host];
}

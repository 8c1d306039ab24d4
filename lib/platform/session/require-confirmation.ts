import "server-only";
import { DomainError } from "@/lib/domain/errors";

/** The second act before something is destroyed: its name, typed. Throws `invalid_request` where it is another. */
export function requireConfirmation(typed: string, name: string): void {
  if (typed.trim() === name) return;
  const message = `Type the name exactly: ${name}`;
  throw new DomainError("invalid_request", message, { fields: { confirm: message } });
}

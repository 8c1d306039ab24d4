import { DomainError } from "@/lib/domain/errors";
import type { TestWish } from "@/lib/domain/credentials/prove-secret";

/**
 * The dashboard tests a secret before it saves it, unless "Save without testing" was ticked; that is offered by an error
 * of its own field, after a test that failed and not before.
 */
export async function provedByForm<T>(untested: "on" | undefined, save: (test: TestWish) => Promise<T>): Promise<T> {
  try {
    return await save(untested ? "skipped" : "required");
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== "credential_refused") throw error;
    const { message, details } = error;
    throw new DomainError("credential_refused", message, {
      ...details,
      fields: { untested: "Save it without testing, if you know better." },
    });
  }
}

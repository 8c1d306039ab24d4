import type { ErrorCode } from "@/lib/contract/errors";
import type { TestOutcome } from "@/lib/contract/test-outcome";

export interface ErrorDetails {
  /** The existing object's id, so that a script can go on with it. */
  id?: string;
  /** One sentence for each field that was refused, by the field's name. */
  fields?: Record<string, string>;
  /** Seconds after which trying again may succeed. */
  retryAfter?: number;
  /** What a test of the secret found. */
  outcome?: TestOutcome;
  /** The credential's current version. */
  version?: number;
}

/**
 * A refusal that its reader can act on. `message` is shown as it is: one or two sentences, and never a value that the
 * caller sent as a secret.
 */
export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message);
    this.name = "DomainError";
    this.code = code;
    this.details = details;
  }
}

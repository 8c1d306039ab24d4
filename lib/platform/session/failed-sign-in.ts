import "server-only";
import { after } from "next/server";
import { DomainError } from "@/lib/domain/errors";
import { recordFailedSignIn, type FailedSignIn } from "@/lib/domain/sessions/record-failed-sign-in";
import { unknownError } from "@/lib/platform/api/error-response";
import { anonymousContext } from "./anonymous-context";
import { requestId } from "./request-facts";

/** Runs what proves a password or a code to sign in with, and has a wrong one recorded. */
export async function recordingFailure<T>(attempt: FailedSignIn, prove: () => Promise<T>): Promise<T> {
  try {
    return await prove();
  } catch (error) {
    if (error instanceof DomainError && error.code === "invalid_request") await recordAfterwards(attempt);
    throw error;
  }
}

/**
 * Records a failed sign-in once the answer has left, so that an address that nobody has is answered in the same time. What
 * a stop loses at that moment is the record of something that changed nothing.
 */
export async function recordAfterwards(attempt: FailedSignIn): Promise<void> {
  const [ctx, id] = [await anonymousContext(), await requestId()];
  after(() => recordFailedSignIn(ctx, attempt).catch((error: unknown) => void unknownError(error, id)));
}

import type { Context } from "../context";
import { findCredential } from "../credentials/find-credential";
import { goBack } from "../credentials/roll-back-credential";
import { DomainError } from "../errors";
import type { Pulled } from "./pull-repository";

/**
 * Where the first pull with a new secret is rejected, and the host still takes the previous one: puts that in place
 * again. Returns whether it did. To be asked before the pull is kept, which counts as the new secret's first answer.
 */
export async function goBackAfterRejection(ctx: Context, { id, credential }: Pulled): Promise<boolean> {
  if (!credential) return false;
  try {
    const current = await findCredential(ctx, credential.id, id);
    const first = current.version === credential.version && current.pulledVersion !== current.version;
    return first && current.previousVersion !== null && (await goBack(ctx, current, { automatic: true }));
  } catch (error) {
    // The previous one is refused too, cannot be opened, or is gone: things stay as they are.
    if (error instanceof DomainError) return false;
    throw error;
  }
}

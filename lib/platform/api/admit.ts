import "server-only";
import type { TokenActor } from "@/lib/domain/access/actor";
import { DomainError } from "@/lib/domain/errors";
import { addressBlock } from "@/lib/platform/address-block";
import { rateLimits } from "@/lib/platform/rate-limits";
import { remoteAddressIn } from "@/lib/platform/remote-address";
import { authenticate } from "./authenticate";

/**
 * Lets a request in by its token, within the rate limits. Throws `throttled` for an address that had too many tokens
 * refused, before this one is looked at, and for a subject that asks too often; otherwise as `authenticate` does.
 */
export async function admit(request: Request): Promise<TokenActor> {
  const address = addressBlock(remoteAddressIn(request.headers));
  refuse(
    "Too many tokens from this address were refused in a minute.",
    await rateLimits().reached("failures", address),
  );
  const actor = await authenticate(request.headers.get("authorization")).catch(async (error: unknown) => {
    if (error instanceof DomainError && error.code === "unauthenticated") await rateLimits().count("failures", address);
    throw error;
  });
  const { organizationId, signingKeyId, subject } = actor;
  refuse(
    "This token's subject made too many requests in a minute.",
    await rateLimits().count("subject", `${organizationId}:${signingKeyId}:${subject}`),
  );
  return actor;
}

function refuse(reason: string, retryAfter: number | undefined): void {
  if (retryAfter === undefined) return;
  throw new DomainError("throttled", `${reason} Try again in ${retryAfter} s.`, { retryAfter });
}

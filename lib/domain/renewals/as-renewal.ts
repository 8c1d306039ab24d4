import { RENEWAL_ACTOR } from "@/lib/contract/renewals";
import type { Context } from "../context";

/** A renewal that was begun, as the steps after it need it. */
export interface BegunRenewal {
  id: string;
  organizationId: string;
  organizationSlug: string;
  credentialId: string;
  version: number;
  host: string;
}

/** Latchkey itself, in the organization whose token is renewed. */
export function asRenewal(
  ctx: Omit<Context, "actor">,
  { organizationId, organizationSlug }: Pick<BegunRenewal, "organizationId" | "organizationSlug">,
): Context {
  return { ...ctx, actor: { kind: "system", name: RENEWAL_ACTOR, organizationId, organizationSlug } };
}

import type { Context } from "../context";
import { DomainError } from "../errors";
import { findInvitation } from "./find-invitation";
import { joinByInvitation, noLongerOpen } from "./join-by-invitation";

/**
 * Joins the organization that the link names as somebody who is signed in. Throws `not_found` for a link that is no longer
 * open, and `forbidden` for one that is somebody else's.
 */
export async function acceptInvitationAs(
  ctx: Pick<Context, "db" | "clock" | "requestId" | "address">,
  { token, userId }: { token: string; userId: string },
): Promise<{ organization: string }> {
  const invitation = await findInvitation(ctx, token);
  if (!invitation) throw noLongerOpen();
  if (invitation.userId !== userId) {
    throw new DomainError("forbidden", `This invitation is for ${invitation.email}. Sign in under that address.`);
  }
  await joinByInvitation(ctx, invitation, { userId });
  return { organization: invitation.organizationSlug };
}

import type { Context } from "../context";
import { newId } from "../new-id";
import { findInvitation } from "./find-invitation";
import { joinByInvitation, noLongerOpen } from "./join-by-invitation";
import type { Proved } from "./lock-user";
import { hashPassword } from "./password";
import { signIn } from "./sign-in";

/**
 * Joins the organization that the link names, with a password: somebody new chooses it, and somebody who can sign in
 * already proves it is them. Where `secondFactor` says that a code is still to be asked for, nobody has joined yet:
 * `acceptInvitationAs` is for them, once they are signed in. Throws `not_found` for a link that is no longer open, and
 * `invalid_request` for a wrong password.
 */
export async function acceptInvitation(
  ctx: Pick<Context, "db" | "clock" | "requestId" | "address">,
  input: { token: string; password: string },
): Promise<Proved & { email: string; organization: string; secondFactor: boolean }> {
  const invitation = await findInvitation(ctx, input.token);
  if (!invitation) throw noLongerOpen();
  const { email, organizationSlug: organization } = invitation;
  if (!invitation.userId) {
    const userId = newId("usr");
    await joinByInvitation(ctx, invitation, { userId, passwordHash: await hashPassword(input.password) });
    return { userId, epoch: 0, email, organization, secondFactor: false };
  }
  const proved = await signIn(ctx, { email, password: input.password });
  if (!proved.secondFactor) await joinByInvitation(ctx, invitation, { userId: proved.userId });
  return { ...proved, email, organization };
}

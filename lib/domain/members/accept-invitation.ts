import { newPassword } from "@/lib/contract/members";
import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { DomainError } from "../errors";
import { newId } from "../new-id";
import { findInvitation } from "./find-invitation";
import type { Proved } from "./lock-user";
import { hashPassword } from "./password";
import { signIn } from "./sign-in";

/**
 * Joins the organization that the link names. Somebody new chooses a password; somebody who can sign in already proves
 * it is them, and `secondFactor` says whether a code is still to be asked for before a session begins.
 * Throws `not_found` for a link that is no longer open, and `invalid_request` for the password.
 */
export async function acceptInvitation(
  ctx: Pick<Context, "db" | "clock" | "requestId" | "address">,
  input: { token: string; password: string },
): Promise<Proved & { email: string; organization: string; secondFactor: boolean }> {
  const invitation = await findInvitation(ctx, input.token);
  if (!invitation) throw noLongerOpen();
  const { organizationId, organizationSlug, email, role } = invitation;
  const existing = invitation.userId ? await signIn(ctx, { email, password: input.password }) : undefined;
  const passwordHash = existing ? undefined : await newHash(input.password);
  const { userId, epoch } = existing ?? { userId: newId("usr"), epoch: 0 };
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.invitation.updateMany({
      where: { id: invitation.id, acceptedAt: null },
      data: { acceptedAt: ctx.clock() },
    });
    if (count === 0) throw noLongerOpen();
    if (passwordHash) await tx.user.create({ data: { id: userId, email, passwordHash, createdAt: ctx.clock() } });
    await tx.membership.create({ data: { organizationId, userId, role, createdAt: ctx.clock() } });
    const actor = { kind: "member", userId, email, role, organizationId, organizationSlug } as const;
    await recordAudit(tx, { ...ctx, actor }, { action: "member.joined", targetId: userId, details: { email, role } });
  });
  return { userId, epoch, email, organization: organizationSlug, secondFactor: existing?.secondFactor ?? false };
}

async function newHash(password: string): Promise<string> {
  const parsed = newPassword.safeParse(password);
  if (parsed.success) return hashPassword(parsed.data);
  const message = parsed.error.issues[0]!.message;
  throw new DomainError("invalid_request", message, { fields: { password: message } });
}

function noLongerOpen(): DomainError {
  return new DomainError("not_found", "This invitation was used, withdrawn or has expired. Ask for a new one.");
}

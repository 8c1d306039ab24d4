import { sqltag as sql } from "@prisma/client/runtime/client";
import { email as emailSchema } from "@/lib/contract/members";
import type { SingleSignOnRefusal } from "@/lib/contract/single-sign-on";
import type { Context, Transaction } from "../context";
import { newId } from "../new-id";
import { removeSecondFactor } from "../second-factor/remove-second-factor";
import { outdateProofs } from "../sessions/outdate-proofs";
import { lockUser, type Proved } from "./lock-user";
import { recordOwnAct } from "./record-own-act";
import { replacePassword } from "./replace-password";
import { takeInvitations } from "./take-invitations";

const BY = "single sign-on";

/** What the identity provider says of somebody, its signature checked. */
export interface ProvidedIdentity {
  issuer: string;
  subject: string;
  email: unknown;
  /** Only `true` counts: the provider itself made sure that the address is theirs. */
  emailVerified: unknown;
}

/** Why somebody whom the provider knows does not get in. */
export class IdentityRefused extends Error {
  readonly reason: SingleSignOnRefusal;

  constructor(reason: SingleSignOnRefusal) {
    super(reason);
    this.name = "IdentityRefused";
    this.reason = reason;
  }
}

/**
 * Who somebody is whom the identity provider vouches for: a member, or somebody who is in no organization yet, whose open
 * invitations are accepted by this. The provider's subject is linked at the first sign-in and decides ever after, so an
 * address that was given to somebody else lets nobody in. Throws `IdentityRefused`.
 */
export async function signInWithIdentity(
  ctx: Pick<Context, "db" | "clock" | "requestId" | "address">,
  { issuer, subject, ...provided }: ProvidedIdentity,
): Promise<Proved> {
  const parsed = emailSchema.safeParse(provided.email);
  if (provided.emailVerified !== true || !parsed.success) throw new IdentityRefused("unverified");
  const email = parsed.data;
  return ctx.db.$transaction(async (tx) => {
    // One statement: an epoch that is read later could be the one that a reset began as it undid the link.
    const [linked] = await tx.$queryRaw<Proved[]>(sql`
      SELECT u.id AS "userId", u.epoch FROM identity i JOIN "user" u ON u.id = i.user_id
      WHERE i.issuer = ${issuer} AND i.subject = ${subject}`);
    const userId = linked?.userId ?? (await findOrMakeUser(tx, ctx, email));
    const member = await tx.membership.findFirst({ where: { userId }, select: { userId: true } });
    // Who is a member somewhere is asked: they join by the invitation's link.
    const joined = member !== null || (await takeInvitations(tx, ctx, { userId, email }));
    if (!joined) throw new IdentityRefused("unknown");
    return linked ?? { userId, epoch: await link(tx, ctx, { issuer, subject, userId }) };
  });
}

/**
 * The user with this address, locked; somebody new is made without a password, and stays only where an invitation is theirs.
 */
async function findOrMakeUser(tx: Transaction, ctx: Pick<Context, "clock">, email: string): Promise<string> {
  await tx.user.createMany({ data: { id: newId("usr"), email, createdAt: ctx.clock() }, skipDuplicates: true });
  const { id } = await tx.user.findUniqueOrThrow({ where: { email }, select: { id: true } });
  await lockUser(tx, id);
  return id;
}

/**
 * Links a user to whom the provider knows, and ends all that let them in before; answers the epoch that begins. Throws
 * `IdentityRefused` where the user is somebody else's.
 */
async function link(
  tx: Transaction,
  ctx: Pick<Context, "clock" | "requestId" | "address">,
  identity: { issuer: string; subject: string; userId: string },
): Promise<number> {
  const { issuer, subject, userId } = identity;
  const { count } = await tx.identity.createMany({
    data: { ...identity, createdAt: ctx.clock() },
    skipDuplicates: true,
  });
  if (count === 1) {
    const epoch = await outdateProofs(tx, userId);
    await takePasswordAway(tx, ctx, userId);
    await recordOwnAct(tx, ctx, { userId }, (email) => ({
      action: "member.identity_linked",
      targetId: userId,
      details: { email, issuer },
    }));
    return epoch;
  }
  // Either the same sign-in a moment ago, or another subject of this issuer is linked to the user already.
  const same = await tx.identity.findFirst({ where: { issuer, subject, userId }, select: { userId: true } });
  if (!same) throw new IdentityRefused("other_subject");
  return lockUser(tx, userId);
}

/**
 * Nobody ever verified the address of a user with a password: whoever had an invitation to it could have chosen the
 * password, and would still be in. So what was there before the link lets nobody in any more.
 */
async function takePasswordAway(
  tx: Transaction,
  ctx: Pick<Context, "clock" | "requestId" | "address">,
  userId: string,
): Promise<void> {
  const user = await tx.user.findFirst({ where: { id: userId, passwordHash: { not: null } }, select: { id: true } });
  if (!user) return;
  await replacePassword(tx, ctx, { userId, passwordHash: null, system: BY });
  await removeSecondFactor(tx, ctx, { userId, system: BY });
}

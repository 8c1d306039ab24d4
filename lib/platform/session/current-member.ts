import "server-only";
import { getServerSession } from "next-auth";
import { notFound, redirect } from "next/navigation";
import { cache } from "react";
import { secondFactorPath } from "@/lib/contract/paths";
import type { MemberActor } from "@/lib/domain/access/actor";
import type { Context } from "@/lib/domain/context";
import { findSession, type LiveSession } from "@/lib/domain/sessions/find-session";
import { findSessionMember } from "@/lib/domain/sessions/find-session-member";
import { createContext } from "@/lib/platform/context";
import { database } from "@/lib/platform/database/client";
import { anonymousContext } from "./anonymous-context";
import { authOptions } from "./auth-options";
import { remoteAddress, requestedPath, requestId } from "./request-facts";

export interface CurrentUser extends LiveSession {
  sessionId: string;
}

/** Who is signed in. The session's row is asked on every request, so that one that was ended is over at once. */
export const currentUser = cache(async (): Promise<CurrentUser | null> => {
  const claims: { userId?: unknown; sessionId?: unknown } | null = await getServerSession(authOptions());
  if (typeof claims?.userId !== "string" || typeof claims.sessionId !== "string") return null;
  const { userId, sessionId } = claims;
  const session = await findSession(await anonymousContext(), { id: sessionId, userId });
  return session && { ...session, sessionId };
});

/** Who is signed in; sends everybody else to the sign-in page and back here afterwards. */
export async function requireUser(): Promise<CurrentUser> {
  const user = await currentUser();
  if (user) return user;
  const next = await requestedPath();
  redirect(next && next !== "/" ? `/sign-in?next=${encodeURIComponent(next)}` : "/sign-in");
}

/**
 * The member that the signed-in user is in this organization. An unknown organization and a foreign one are the same
 * "not found". The role is read on every request, and so is the organization's rule: where it asks for a second factor,
 * who signed in with a password alone is led to set one up.
 */
export const currentMember = cache(async (orgSlug: string): Promise<MemberActor> => {
  const session = await requireUser();
  const member = await findSessionMember(await anonymousContext(), { ...session, slug: String(orgSlug) });
  if (!member) notFound();
  if (member.secondFactorMissing) redirect(secondFactorPath(member.actor.organizationSlug));
  return member.actor;
});

/**
 * For what goes on after its request was let in: asks anew, each time it is called, who the member is by then. Null once
 * their next request would be refused.
 */
export async function memberAnew(orgSlug: string): Promise<() => Promise<MemberActor | null>> {
  const [session, ctx] = [await requireUser(), await anonymousContext()];
  return async () => {
    const member = await findSessionMember(ctx, { ...session, slug: orgSlug });
    return member && !member.secondFactorMissing ? member.actor : null;
  };
}

/** What a verb gets when the signed-in member calls it. */
export async function memberContext(orgSlug: string): Promise<Context> {
  return createContext(await currentMember(orgSlug), await requestId(), await remoteAddress());
}

/** The slugs of the signed-in user's organizations, oldest membership first. */
export const userOrganizations = cache(async (): Promise<{ slug: string }[]> => {
  const { userId } = await requireUser();
  const memberships = await database().membership.findMany({
    where: { userId },
    orderBy: [{ createdAt: "asc" }, { organizationId: "asc" }],
    select: { organization: { select: { slug: true } } },
  });
  return memberships.map(({ organization }) => organization);
});

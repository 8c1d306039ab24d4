import "server-only";
import { getServerSession } from "next-auth";
import { notFound, redirect } from "next/navigation";
import { cache } from "react";
import type { MemberActor } from "@/lib/domain/access/actor";
import type { Context } from "@/lib/domain/context";
import { createContext } from "@/lib/platform/context";
import { database } from "@/lib/platform/database/client";
import { authOptions } from "./auth-options";
import { requestedPath, requestId } from "./request-facts";

export interface CurrentUser {
  userId: string;
  email: string;
  sessionId: string;
}

/** Who is signed in. The session's row is asked on every request, so that one that was ended is over at once. */
export const currentUser = cache(async (): Promise<CurrentUser | null> => {
  const claims: { userId?: unknown; sessionId?: unknown } | null = await getServerSession(authOptions());
  if (typeof claims?.userId !== "string" || typeof claims.sessionId !== "string") return null;
  const session = await database().session.findFirst({
    where: { id: claims.sessionId, userId: claims.userId, expiresAt: { gt: new Date() } },
    select: { user: { select: { id: true, email: true } } },
  });
  return session && { userId: session.user.id, email: session.user.email, sessionId: claims.sessionId };
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
 * "not found". The role is read on every request.
 */
export const currentMember = cache(async (orgSlug: string): Promise<MemberActor> => {
  const { userId, email } = await requireUser();
  const membership = await database().membership.findFirst({
    where: { userId, organization: { slug: String(orgSlug) } },
    select: { role: true, organization: { select: { id: true, slug: true } } },
  });
  if (!membership) notFound();
  const { role, organization } = membership;
  return { kind: "member", userId, email, role, organizationId: organization.id, organizationSlug: organization.slug };
});

/** What a verb gets when the signed-in member calls it. */
export async function memberContext(orgSlug: string): Promise<Context> {
  return createContext(await currentMember(orgSlug), await requestId());
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

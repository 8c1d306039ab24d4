import { sqltag as sql } from "@prisma/client/runtime/client";
import type { Role } from "@/lib/platform/prisma-client/enums";
import type { MemberActor } from "../access/actor";
import type { Context } from "../context";

interface Row {
  email: string;
  role: Role;
  organization_id: string;
  second_factor_missing: boolean;
}

export interface SessionMember {
  actor: MemberActor;
  /** The organization asks for a second factor, and this session began with a password alone. */
  secondFactorMissing: boolean;
}

/**
 * The member that a session's user is in an organization, as it is now: null once the session was ended or is over, or
 * where they are no member. One query, so that it can be asked again and again.
 */
export async function findSessionMember(
  ctx: Pick<Context, "db" | "clock">,
  { sessionId, userId, slug }: { sessionId: string; userId: string; slug: string },
): Promise<SessionMember | null> {
  const [row] = await ctx.db.$queryRaw<Row[]>(sql`
    SELECT u.email, m.role::text AS role, o.id AS organization_id,
      o.second_factor_required AND s.method = 'password' AS second_factor_missing
    FROM session s
      JOIN "user" u ON u.id = s.user_id
      JOIN membership m ON m.user_id = u.id
      JOIN organization o ON o.id = m.organization_id
    WHERE s.id = ${sessionId} AND s.user_id = ${userId} AND s.expires_at > ${ctx.clock()}::timestamptz
      AND o.slug = ${slug}`);
  if (!row) return null;
  const { email, role, organization_id: organizationId, second_factor_missing: secondFactorMissing } = row;
  return {
    actor: { kind: "member", userId, email, role, organizationId, organizationSlug: slug },
    secondFactorMissing,
  };
}

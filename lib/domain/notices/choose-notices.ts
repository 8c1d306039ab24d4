import { NOTICES_AT_FIRST, type NoticeEvent } from "@/lib/contract/notices";
import type { MemberActor } from "../access/actor";
import { requirePermission } from "../access/permissions";
import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { requireMember } from "./require-member";

/** Sets of which events the member who asks is told by mail, in this organization; none is an answer too. */
export async function chooseNotices(ctx: Context, { events }: { events: NoticeEvent[] }): Promise<void> {
  requirePermission(ctx.actor, "notice:choose");
  const { organizationId, userId, email } = requireMember(ctx.actor);
  await ctx.db.$transaction(async (tx) => {
    await tx.noticeChoice.upsert({
      where: { organizationId_userId: { organizationId, userId } },
      create: { organizationId, userId, events },
      update: { events },
    });
    await recordAudit(tx, ctx, {
      action: "member.notices_chosen",
      targetId: userId,
      details: { email, events: events.join(" ") },
    });
  });
}

/** Of which events that member is told. */
export async function readNoticeChoice(ctx: Context): Promise<readonly NoticeEvent[]> {
  requirePermission(ctx.actor, "notice:choose");
  const member = requireMember(ctx.actor);
  const { organizationId, userId } = member;
  const choice = await ctx.db.noticeChoice.findUnique({ where: { organizationId_userId: { organizationId, userId } } });
  return choice ? (choice.events as NoticeEvent[]) : atFirst(member);
}

function atFirst({ role }: MemberActor): readonly NoticeEvent[] {
  return role === "viewer" ? [] : NOTICES_AT_FIRST;
}

import type { Metadata } from "next";
import { ChooseNoticesForm } from "@/components/notices/choose-notices-form";
import { MailLog } from "@/components/notices/mail-log";
import { MailNotices } from "@/components/notices/mail-notices";
import { TestMailForm } from "@/components/notices/test-mail-form";
import { PageHeader } from "@/components/ui/page-header";
import { Panel } from "@/components/ui/panel";
import { RefreshWhile } from "@/components/ui/refresh-while";
import { noticesPageQuery } from "@/lib/contract/notices";
import { readNoticeChoice } from "@/lib/domain/notices/choose-notices";
import { listMails } from "@/lib/domain/notices/list-mails";
import { currentMember, memberContext } from "@/lib/platform/session/current-member";
import { chooseMyNotices, sendMeATest } from "./actions";

export const metadata: Metadata = { title: "Notices" };

const PAGE_SIZE = 25;

export default async function NoticesPage({ params, searchParams }: PageProps<"/[org]/settings/notices">) {
  const { org } = await params;
  const ctx = await memberContext(org);
  const { email } = await currentMember(org);
  const { done, page } = noticesPageQuery.parse(await searchParams);
  const { rows, total } = await listMails(ctx, { page, pageSize: PAGE_SIZE });
  const waiting = rows.some(({ state, attempts }) => state === "waiting" && attempts === 0);
  const test = ctx.mailFrom !== null && <TestMailForm action={sendMeATest.bind(null, org)} />;
  return (
    <>
      <PageHeader title="Notices" actions={test}>
        What you are told of by mail, at {email}: at most one message for each event in an hour, with everything that
        happened meanwhile.
      </PageHeader>
      <RefreshWhile active={waiting} />
      <div className="space-y-5">
        <MailNotices mailFrom={ctx.mailFrom} done={done} waiting={waiting} />
        <Panel title="What you are told of">
          <ChooseNoticesForm action={chooseMyNotices.bind(null, org)} chosen={await readNoticeChoice(ctx)} />
        </Panel>
        <MailLog organization={org} rows={rows} total={total} page={page} pageSize={PAGE_SIZE} />
      </div>
    </>
  );
}

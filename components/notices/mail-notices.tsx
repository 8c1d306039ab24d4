import { Notice } from "@/components/ui/notice";

interface MailNoticesProps {
  mailFrom: string | null;
  done: "asked" | undefined;
  /** Whether something is on its way now. */
  waiting: boolean;
}

/** Whether mail is sent at all, and what was just done. */
export function MailNotices({ mailFrom, done, waiting }: MailNoticesProps) {
  return (
    <>
      {mailFrom === null && (
        <Notice tone="warn">
          Mail is off, so nothing is sent. The operator of Latchkey turns it on with{" "}
          <code className="font-mono wrap-anywhere">LATCHKEY_SMTP_URL</code> and{" "}
          <code className="font-mono wrap-anywhere">LATCHKEY_MAIL_FROM</code>. What you choose below holds from then on.
        </Notice>
      )}
      {done === "asked" && (
        <Notice tone="info" status>
          {waiting
            ? "The test is on its way. The log below shows what became of it."
            : "The log below shows what became of it."}
        </Notice>
      )}
    </>
  );
}

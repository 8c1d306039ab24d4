import { exportAuditForm } from "@/lib/contract/audit-page";
import { exportAudit } from "@/lib/domain/audit/export-audit";
import { auditFile } from "@/lib/platform/audit-file";
import { memberDownload } from "@/lib/platform/session/member-download";

/** The audit log as a file. A POST, since the export itself is recorded. */
export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = memberDownload(
  exportAuditForm,
  async (ctx, { format, action, actor }) => {
    const events = await exportAudit(ctx, { format, action: action || undefined, actor: actor || undefined });
    return auditFile(events, format, `${ctx.actor.organizationSlug}-audit`);
  },
);

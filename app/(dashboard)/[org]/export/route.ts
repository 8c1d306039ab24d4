import { exportRepositoriesForm } from "@/lib/contract/repositories";
import { exportRepositories } from "@/lib/domain/repositories/export-repositories";
import { memberDownload } from "@/lib/platform/session/member-download";
import { repositoriesFile } from "@/lib/platform/repositories-file";

/** The organization's repositories and what is known of their credentials, as a file. */
export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = memberDownload(
  exportRepositoriesForm,
  async (ctx, input) =>
    repositoriesFile(await exportRepositories(ctx, input), `${ctx.actor.organizationSlug}-repositories`),
);

"use server";

import { repositoryPath } from "@/lib/contract/paths";
import { pullForm } from "@/lib/contract/sync-runs";
import { requestPull } from "@/lib/domain/sync/request-pull";
import { memberAction } from "@/lib/platform/session/member-action";

export const pullNow = memberAction({
  permission: "repository:pull",
  input: pullForm,
  run: async (ctx, input) => {
    const asked = ctx.clock().getTime();
    const { repository } = await requestPull(ctx, input);
    return { repository, asked };
  },
  redirectTo: ({ repository, asked }, org) => `${repositoryPath(org, repository)}?asked=${asked}`,
});

"use server";

import { repositoriesPath } from "@/lib/contract/paths";
import { deleteRepositoryForm } from "@/lib/contract/repositories";
import { deleteRepository } from "@/lib/domain/repositories/delete-repository";
import { requireConfirmation } from "@/lib/platform/session/require-confirmation";
import { findRepository } from "@/lib/domain/repositories/find-repository";
import { memberAction } from "@/lib/platform/session/member-action";

export const deleteThisRepository = memberAction({
  permission: "repository:write",
  input: deleteRepositoryForm,
  run: async (ctx, { repository, confirm }) => {
    requireConfirmation(confirm, (await findRepository(ctx, repository)).name);
    await deleteRepository(ctx, { repository });
  },
  redirectTo: (_, org) => `${repositoriesPath(org)}?done=deleted`,
});

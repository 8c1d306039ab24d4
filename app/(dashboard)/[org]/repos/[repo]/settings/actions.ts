"use server";

import { repositoriesPath } from "@/lib/contract/paths";
import { scheduleForm } from "@/lib/contract/sync-runs";
import { chooseSchedule } from "@/lib/domain/sync/choose-schedule";
import { deleteRepositoryForm, expectWritesForm } from "@/lib/contract/repositories";
import { deleteRepository } from "@/lib/domain/repositories/delete-repository";
import { requireConfirmation } from "@/lib/platform/session/require-confirmation";
import { expectWrites } from "@/lib/domain/repositories/expect-writes";
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

export const chooseThisSchedule = memberAction({
  permission: "repository:write",
  input: scheduleForm,
  run: chooseSchedule,
});

export const expectTheseWrites = memberAction({
  permission: "repository:write",
  input: expectWritesForm,
  run: (ctx, { repository, expected }) => expectWrites(ctx, { repository, expectsWrite: expected === "on" }),
});

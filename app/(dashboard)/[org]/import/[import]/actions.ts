"use server";

import { importForm } from "@/lib/contract/imports";
import { importPath } from "@/lib/contract/paths";
import { cancelImport } from "@/lib/domain/imports/cancel-import";
import { startImport } from "@/lib/domain/imports/start-import";
import { memberAction } from "@/lib/platform/session/member-action";

export const startThisImport = memberAction({
  permission: "credential:write",
  input: importForm,
  run: startImport,
  redirectTo: ({ id }, org) => importPath(org, id),
});

export const cancelThisImport = memberAction({
  permission: "credential:write",
  input: importForm,
  run: cancelImport,
  redirectTo: ({ id }, org) => importPath(org, id),
});

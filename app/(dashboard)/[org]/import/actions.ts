"use server";

import { importLinesForm } from "@/lib/contract/imports";
import { importPath } from "@/lib/contract/paths";
import { prepareImport } from "@/lib/domain/imports/prepare-import";
import { memberAction } from "@/lib/platform/session/member-action";

export const previewImport = memberAction({
  permission: "credential:write",
  input: importLinesForm,
  fileFields: ["file"],
  secretFields: ["lines", "file"],
  run: (ctx, { lines, file, provider }) => prepareImport(ctx, { text: file || lines, provider: provider || null }),
  redirectTo: ({ id }, org) => importPath(org, id),
});

"use server";

import { keepPreviousForm } from "@/lib/contract/organizations";
import { keepPreviousFor } from "@/lib/domain/organizations/keep-previous-for";
import { memberAction } from "@/lib/platform/session/member-action";

export const keepPrevious = memberAction({
  permission: "organization:write",
  input: keepPreviousForm,
  run: keepPreviousFor,
});

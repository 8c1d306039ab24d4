"use server";

import { rotationPath } from "@/lib/contract/paths";
import { rotationForm } from "@/lib/contract/rotations";
import { cancelRotation } from "@/lib/domain/rotations/cancel-rotation";
import { memberAction } from "@/lib/platform/session/member-action";

export const cancelTheRest = memberAction({
  permission: "credential:write",
  input: rotationForm,
  run: cancelRotation,
  redirectTo: ({ id }, org) => rotationPath(org, id),
});

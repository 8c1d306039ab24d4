"use server";

import { repositoriesPath } from "@/lib/contract/paths";
import { setupForm } from "@/lib/contract/members";
import { setUp } from "@/lib/domain/organizations/set-up";
import { anonymousContext } from "@/lib/platform/session/anonymous-context";
import { openAction } from "@/lib/platform/session/open-action";
import { startSession } from "@/lib/platform/session/start-session";

export const setUpFirst = openAction({
  input: setupForm,
  run: async (input) => {
    const proved = await setUp(await anonymousContext(), input);
    await startSession(proved, "password");
    return repositoriesPath(proved.organization);
  },
});

"use server";

import { webhookPath } from "@/lib/contract/paths";
import { addWebhookForm } from "@/lib/contract/webhooks";
import { addWebhook } from "@/lib/domain/webhooks/add-webhook";
import { memberAction } from "@/lib/platform/session/member-action";

export const addThisWebhook = memberAction({
  permission: "webhook:write",
  input: addWebhookForm,
  run: async (ctx, input) => {
    const { id } = await addWebhook(ctx, input);
    return { id };
  },
  redirectTo: ({ id }, org) => `${webhookPath(org, id)}?done=added`,
});

"use server";

import { addSlackForm } from "@/lib/contract/notices";
import { webhookPath } from "@/lib/contract/paths";
import { addWebhookForm } from "@/lib/contract/webhooks";
import { addSlackWebhook } from "@/lib/domain/webhooks/add-slack-webhook";
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

export const addThisSlackChannel = memberAction({
  permission: "webhook:write",
  input: addSlackForm,
  secretFields: ["url"],
  run: async (ctx, input) => {
    const { id } = await addSlackWebhook(ctx, input);
    return { id };
  },
  redirectTo: ({ id }, org) => `${webhookPath(org, id)}?done=added`,
});

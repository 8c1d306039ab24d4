"use server";

import { webhookPath, webhooksPath } from "@/lib/contract/paths";
import { webhookForm } from "@/lib/contract/webhooks";
import { removeWebhook } from "@/lib/domain/webhooks/remove-webhook";
import { replayDelivery } from "@/lib/domain/webhooks/replay-delivery";
import { sendTest } from "@/lib/domain/webhooks/send-test";
import { memberAction } from "@/lib/platform/session/member-action";

export const testThisWebhook = memberAction({
  permission: "webhook:write",
  input: webhookForm,
  run: sendTest,
  redirectTo: ({ id }, org) => `${webhookPath(org, id)}?done=asked`,
});

export const replayThisDelivery = memberAction({
  permission: "webhook:write",
  input: webhookForm,
  run: replayDelivery,
  redirectTo: ({ id }, org) => `${webhookPath(org, id)}?done=asked`,
});

export const removeThisWebhook = memberAction({
  permission: "webhook:write",
  input: webhookForm,
  run: removeWebhook,
  redirectTo: (_, org) => `${webhooksPath(org)}?done=removed`,
});

import { operations } from "@/lib/contract/operations";
import { addWebhook } from "@/lib/domain/webhooks/add-webhook";
import { listWebhooks } from "@/lib/domain/webhooks/list-webhooks";
import { removeWebhook } from "@/lib/domain/webhooks/remove-webhook";
import { apiRoute, endpoint } from "@/lib/platform/api/api-route";
import { webhookToWire } from "@/lib/platform/api/to-wire";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = apiRoute([
  endpoint(operations.listWebhooks, async (ctx) => ({ webhooks: (await listWebhooks(ctx)).map(webhookToWire) })),
  endpoint(operations.createWebhook, async (ctx, { body }) => webhookToWire(await addWebhook(ctx, body))),
  endpoint(operations.removeWebhook, (ctx, { body }) => removeWebhook(ctx, body)),
]);

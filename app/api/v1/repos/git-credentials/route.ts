import { operations } from "@/lib/contract/operations";
import { createCredential } from "@/lib/domain/credentials/create-credential";
import { removeCredential } from "@/lib/domain/credentials/remove-credential";
import { rotateCredential } from "@/lib/domain/credentials/rotate-credential";
import { apiRoute, endpoint } from "@/lib/platform/api/api-route";
import { receiptToWire } from "@/lib/platform/api/to-wire";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = apiRoute([
  endpoint(operations.createCredential, async (ctx, { body: { repo_id: repository, username, password } }) =>
    receiptToWire(await createCredential(ctx, { repository, username, password })),
  ),
  endpoint(operations.rotateCredential, async (ctx, { body }) => receiptToWire(await rotateCredential(ctx, body))),
  endpoint(operations.removeCredential, (ctx, { body }) => removeCredential(ctx, body)),
]);

import { operations } from "@/lib/contract/operations";
import { createCredential } from "@/lib/domain/credentials/create-credential";
import { removeCredential } from "@/lib/domain/credentials/remove-credential";
import { rotateCredential } from "@/lib/domain/credentials/rotate-credential";
import { apiRoute, endpoint } from "@/lib/platform/api/api-route";
import { testWish } from "@/lib/platform/api/test-wish";
import { secretFromWire } from "@/lib/platform/api/from-wire";
import { receiptToWire } from "@/lib/platform/api/to-wire";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = apiRoute([
  endpoint(operations.createCredential, async (ctx, { query, body: { repo_id: repository, ...secret } }) =>
    receiptToWire(await createCredential(ctx, { repository, ...secretFromWire(secret), test: testWish(query) })),
  ),
  endpoint(operations.rotateCredential, async (ctx, { query, body: { id, ...secret }, ifVersion }) =>
    receiptToWire(await rotateCredential(ctx, { id, ...secretFromWire(secret), test: testWish(query), ifVersion })),
  ),
  endpoint(operations.removeCredential, (ctx, { body }) => removeCredential(ctx, body)),
]);

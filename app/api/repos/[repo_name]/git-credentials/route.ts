import { operations } from "@/lib/contract/operations";
import { createCredential } from "@/lib/domain/credentials/create-credential";
import { readCredential } from "@/lib/domain/credentials/read-credential";
import { apiRoute, endpoint } from "@/lib/platform/api/api-route";
import { testWish } from "@/lib/platform/api/test-wish";
import { secretFromWire } from "@/lib/platform/api/from-wire";
import { credentialToWire, receiptToWire } from "@/lib/platform/api/to-wire";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = apiRoute([
  endpoint(operations.listRepositoryCredentials, async (ctx, { params }) => {
    const credential = await readCredential(ctx, params.repo_name!);
    return { credentials: credential ? [credentialToWire(credential)] : [] };
  }),
  endpoint(operations.createRepositoryCredential, async (ctx, { params, query, body }) =>
    receiptToWire(
      await createCredential(ctx, { ...secretFromWire(body), repository: params.repo_name!, test: testWish(query) }),
    ),
  ),
]);

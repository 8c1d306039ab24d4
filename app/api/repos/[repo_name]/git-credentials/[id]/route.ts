import { operations } from "@/lib/contract/operations";
import { readCredentialById } from "@/lib/domain/credentials/read-credential";
import { removeCredential } from "@/lib/domain/credentials/remove-credential";
import { rotateCredential } from "@/lib/domain/credentials/rotate-credential";
import { findRepository } from "@/lib/domain/repositories/find-repository";
import { apiRoute, endpoint } from "@/lib/platform/api/api-route";
import { testWish } from "@/lib/platform/api/test-wish";
import { secretFromWire } from "@/lib/platform/api/from-wire";
import { credentialToWire, receiptToWire } from "@/lib/platform/api/to-wire";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = apiRoute([
  endpoint(operations.readRepositoryCredential, async (ctx, { params }) =>
    credentialToWire(await readCredentialById(ctx, params.repo_name!, params.id!)),
  ),
  endpoint(operations.rotateRepositoryCredential, async (ctx, { params, query, body, ifVersion }) => {
    const { id: repositoryId } = await findRepository(ctx, params.repo_name!);
    const test = testWish(query);
    return receiptToWire(
      await rotateCredential(ctx, { ...secretFromWire(body), id: params.id!, repositoryId, test, ifVersion }),
    );
  }),
  endpoint(operations.removeRepositoryCredential, async (ctx, { params }) => {
    const { id: repositoryId } = await findRepository(ctx, params.repo_name!);
    await removeCredential(ctx, { id: params.id!, repositoryId });
  }),
]);

import { operations } from "@/lib/contract/operations";
import { rollBackCredential } from "@/lib/domain/credentials/roll-back-credential";
import { findRepository } from "@/lib/domain/repositories/find-repository";
import { apiRoute, endpoint } from "@/lib/platform/api/api-route";
import { receiptToWire } from "@/lib/platform/api/to-wire";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = apiRoute([
  endpoint(operations.rollBackRepositoryCredential, async (ctx, { params, ifVersion }) => {
    const { id: repositoryId } = await findRepository(ctx, params.repo_name!);
    return receiptToWire(await rollBackCredential(ctx, { id: params.id!, repositoryId, ifVersion }));
  }),
]);

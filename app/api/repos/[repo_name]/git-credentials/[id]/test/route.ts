import { operations } from "@/lib/contract/operations";
import { testCredential } from "@/lib/domain/credentials/test-credential";
import { findRepository } from "@/lib/domain/repositories/find-repository";
import { apiRoute, endpoint } from "@/lib/platform/api/api-route";
import { testToWire } from "@/lib/platform/api/to-wire";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = apiRoute([
  endpoint(operations.testRepositoryCredential, async (ctx, { params }) => {
    const { id: repositoryId } = await findRepository(ctx, params.repo_name!);
    return testToWire(await testCredential(ctx, { id: params.id!, repositoryId }));
  }),
]);

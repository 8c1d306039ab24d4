import { operations } from "@/lib/contract/operations";
import { apiRoute } from "@/lib/platform/api/api-route";
import { createRepositoryEndpoint, listRepositoriesEndpoint } from "@/lib/platform/api/repository-endpoints";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = apiRoute([
  createRepositoryEndpoint(operations.createRepositoryV1),
  listRepositoriesEndpoint(operations.listRepositoriesV1),
]);

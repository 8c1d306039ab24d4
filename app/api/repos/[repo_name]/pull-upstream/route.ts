import { operations } from "@/lib/contract/operations";
import { apiRoute } from "@/lib/platform/api/api-route";
import { pullUpstreamEndpoint } from "@/lib/platform/api/repository-endpoints";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = apiRoute([
  pullUpstreamEndpoint(operations.pullUpstream),
]);

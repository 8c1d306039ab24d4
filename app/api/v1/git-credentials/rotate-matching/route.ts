import { operations } from "@/lib/contract/operations";
import { requestRotation } from "@/lib/domain/rotations/request-rotation";
import { apiRoute, endpoint } from "@/lib/platform/api/api-route";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = apiRoute([
  endpoint(operations.rotateMatching, (ctx, { body }) => requestRotation(ctx, body)),
]);

import { operations } from "@/lib/contract/operations";
import { readRotation } from "@/lib/domain/rotations/read-rotation";
import { apiRoute, endpoint } from "@/lib/platform/api/api-route";
import { rotationToWire } from "@/lib/platform/api/to-wire";

const PAGE_SIZE = 100;

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = apiRoute([
  endpoint(operations.readRotation, async (ctx, { params, query: { page = 1 } }) =>
    rotationToWire(await readRotation(ctx, { id: params.rotation!, page, pageSize: PAGE_SIZE })),
  ),
]);

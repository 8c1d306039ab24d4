import { openApiDocument } from "@/lib/contract/openapi";
import { plainRoute } from "@/lib/platform/api/plain-route";
import { env } from "@/lib/platform/env";

export const dynamic = "force-dynamic";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = plainRoute(() =>
  Response.json(openApiDocument(env().LATCHKEY_URL)),
);

import { plainRoute } from "@/lib/platform/api/plain-route";
import { missingForReadiness } from "@/lib/platform/readiness";

export const dynamic = "force-dynamic";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = plainRoute(async () => {
  const missing = await missingForReadiness();
  return Response.json(missing.length === 0 ? { status: "ready" } : { status: "not ready", missing }, {
    status: missing.length === 0 ? 200 : 503,
    headers: { "cache-control": "no-store" },
  });
});

import { plainRoute } from "@/lib/platform/api/plain-route";

export const dynamic = "force-dynamic";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = plainRoute(() =>
  Response.json({ status: "ok" }, { headers: { "cache-control": "no-store" } }),
);

import type { RequestListener } from "node:http";
import { addressBlock } from "@/lib/platform/address-block";
import type { RateLimits } from "@/lib/platform/rate-limits";
import { refuse } from "./refusal";

/**
 * Counts the API's requests by address, which `x-latchkey-address` holds, and refuses with 429 what is over the limit:
 * in front of Next, where that costs least. Health checks are not counted.
 */
export function apiRateGate(limits: RateLimits, pass: RequestListener): RequestListener {
  return (request, response) => {
    if (!isCounted(request.url ?? "")) return pass(request, response);
    void limits.count("address", addressBlock(String(request.headers["x-latchkey-address"]))).then((retryAfter) => {
      if (retryAfter === undefined) return pass(request, response);
      const message = `Too many requests came from this address in a minute. Try again in ${retryAfter} s.`;
      refuse(response, { code: "throttled", message, retryAfter });
    });
  };
}

function isCounted(url: string): boolean {
  return url.startsWith("/api/") && !/^\/api\/(health|ready)($|\?)/.test(url);
}

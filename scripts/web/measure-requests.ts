import type { RequestListener } from "node:http";
import { Counter, Histogram } from "prom-client";
import { registry } from "@/lib/platform/metrics/process-metrics";
import { routePatterns } from "./route-patterns";

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Counts and times what `handle` answers, by route; all labels are of closed sets. */
export function measured(handle: RequestListener): RequestListener {
  const patternOf = routePatterns();
  const requests = new Counter({
    name: "latchkey_http_requests_total",
    help: 'Requests, by route, method and status; "cut" where the connection ended before the answer did.',
    labelNames: ["route", "method", "status"],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: "latchkey_http_request_seconds",
    help: "From a request's headers to the end of its answer.",
    labelNames: ["route", "method"],
    buckets: SECONDS,
    registers: [registry],
  });
  return (request, response) => {
    const started = performance.now();
    response.once("close", () => {
      const method = METHODS.has(request.method ?? "") ? request.method! : "other";
      const labels = { route: patternOf(request.url ?? ""), method };
      requests.inc({ ...labels, status: response.writableFinished ? response.statusCode : "cut" });
      seconds.observe(labels, (performance.now() - started) / 1000);
    });
    handle(request, response);
  };
}

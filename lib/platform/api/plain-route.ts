import { randomUUID } from "node:crypto";
import { DomainError } from "@/lib/domain/errors";
import { errorResponse } from "./error-response";

type Handler = () => Response | Promise<Response>;

/** A path outside the bearer API that answers GET to anybody, and 405 with `Allow` to every other method. */
export function plainRoute(get: Handler) {
  const refuse: Handler = () =>
    errorResponse(new DomainError("method_not_allowed", "This path answers GET only."), randomUUID(), {
      allow: "GET, HEAD",
    });
  return { GET: get, HEAD: get, POST: refuse, PUT: refuse, PATCH: refuse, DELETE: refuse, OPTIONS: refuse };
}

import { refuseMethod } from "./refuse-method";

type Handler = (request: Request) => Response | Promise<Response>;

/** A path outside the bearer API that answers GET to anybody, and 405 with `Allow` to every other method. */
export function plainRoute(get: Handler) {
  const refuse = refuseMethod("GET, HEAD");
  return { GET: get, HEAD: get, POST: refuse, PUT: refuse, PATCH: refuse, DELETE: refuse, OPTIONS: refuse };
}

import { plainRoute } from "@/lib/platform/api/plain-route";
import { finishSingleSignOn } from "@/lib/platform/session/single-sign-on";

/** Where the identity provider sends the browser back to. */
export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = plainRoute(finishSingleSignOn);

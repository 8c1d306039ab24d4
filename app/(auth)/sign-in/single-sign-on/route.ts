import { plainRoute } from "@/lib/platform/api/plain-route";
import { beginSingleSignOn } from "@/lib/platform/session/begin-single-sign-on";

/** Where the link on the sign-in page leads: on to the identity provider. */
export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = plainRoute(beginSingleSignOn);

import type { RequestListener } from "node:http";
import { refuseConnection } from "./refusal";

/**
 * Gives up a request whose answer has not begun after so many milliseconds: 503, and the connection ends. What still
 * works on it sees its connection gone. Next has no setting for this.
 */
export function answerDeadline(ms: number, pass: RequestListener): RequestListener {
  return (request, response) => {
    const deadline = setTimeout(() => {
      if (response.headersSent) return;
      const message =
        "This took too long, so it was given up. Whether it was done is not known: look before you retry.";
      refuseConnection(request.socket, { code: "busy", message, retryAfter: 5 });
    }, ms);
    response.once("close", () => clearTimeout(deadline));
    pass(request, response);
  };
}

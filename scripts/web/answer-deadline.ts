import type { RequestListener, ServerResponse } from "node:http";
import { refuseConnection } from "./refusal";

/** In milliseconds. */
interface AnswerTimes {
  /** Until an answer begins. */
  answerTimeout: number;
  /** For which it waits for a client that reads nothing. */
  unreadTimeout: number;
  /** Until it is read to its end, unless it is an event stream or a file to be saved. */
  answerEnd: number;
}

/**
 * Gives up a request whose answer has not begun in time: 503, and the connection ends. What still works on it sees its
 * connection gone. An answer that its client does not read in time is cut off. Next has no setting for these.
 */
export function answerDeadline(times: AnswerTimes, pass: RequestListener): RequestListener {
  return (request, response) => {
    const { socket } = request;
    const begin = setTimeout(() => {
      if (response.headersSent) return;
      const message =
        "This took too long, so it was given up. Whether it was done is not known: look before you retry.";
      refuseConnection(socket, { code: "busy", message, retryAfter: 5 });
    }, times.answerTimeout);
    const end = setTimeout(() => {
      if (!mayLast(response)) socket.destroy();
    }, times.answerEnd);
    // An event stream that has nothing to say is read to its end.
    response.setTimeout(times.unreadTimeout, () => {
      if (response.writableLength > 0) socket.destroy();
    });
    response.once("close", () => {
      clearTimeout(begin);
      clearTimeout(end);
    });
    pass(request, response);
  };
}

function mayLast(response: ServerResponse): boolean {
  return response.getHeader("content-type") === "text/event-stream" || response.hasHeader("content-disposition");
}

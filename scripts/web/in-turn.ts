import type { RequestListener } from "node:http";
import type { Socket } from "node:net";
import pLimit, { type LimitFunction } from "p-limit";

/**
 * Hands on the requests of one connection one after the other, each once the answer before it is sent: what a client asks
 * for without reading holds nothing then. A connection on which more than `most` wait is cut.
 */
export function inTurn(most: number, pass: RequestListener): RequestListener {
  const turnsOf = new WeakMap<Socket, LimitFunction>();
  return (request, response) => {
    const { socket } = request;
    const turns = turnsOf.get(socket) ?? pLimit(1);
    turnsOf.set(socket, turns);
    if (turns.pendingCount >= most) return void socket.destroy();
    void turns(async () => {
      if (socket.destroyed) return;
      const sent = new Promise((resolve) => response.once("close", resolve));
      pass(request, response);
      await sent;
    });
  };
}

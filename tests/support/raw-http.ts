import net, { type AddressInfo } from "node:net";
import { once } from "node:events";
import type { Server } from "node:http";
import { onTestFinished } from "vitest";

/** A connection on which a test says what it likes. */
export interface RawConnection {
  send(text: string): void;
  /** Everything that was answered, once the other side has closed the connection. */
  closed: Promise<string>;
  /** Resolves once the answers so far hold this. */
  sees(text: string): Promise<void>;
  /** Reads nothing from now on. */
  stopReading(): void;
}

/** Has the server listen on a free port of loopback until the test ends. */
export async function listening(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

export async function connectTo(port: number, host = "127.0.0.1"): Promise<RawConnection> {
  const socket = net.connect(port, host);
  let received = "";
  const waiting: { text: string; resolve: () => void }[] = [];
  socket.on("data", (chunk) => {
    received += chunk.toString();
    for (const { text, resolve } of waiting) if (received.includes(text)) resolve();
  });
  // A connection that is cut off is closed too.
  socket.on("error", () => undefined);
  onTestFinished(() => void socket.destroy());
  const closed = once(socket, "close").then(() => received);
  await Promise.race([once(socket, "connect"), closed]);
  return {
    send: (text) => void socket.write(text),
    stopReading: () => void socket.pause(),
    closed,
    sees: (text) =>
      received.includes(text) ? Promise.resolve() : new Promise((resolve) => waiting.push({ text, resolve })),
  };
}

/** The status of the first answer and the object in its body. */
export function readAnswer(raw: string): { status: number; headers: string; body: Record<string, unknown> } {
  const end = raw.indexOf("\r\n\r\n");
  const headers = raw.slice(0, end).toLowerCase();
  return {
    status: Number(/^http\/1\.1 (\d+)/.exec(headers)?.[1]),
    headers,
    body: JSON.parse(raw.slice(end + 4)) as Record<string, unknown>,
  };
}

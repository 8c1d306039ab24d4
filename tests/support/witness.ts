import { createServer, type AddressInfo, type Socket } from "node:net";

/** Somebody else's server, which writes down what it is sent and says nothing. */
export interface Witness {
  /** `address:port` */
  host: string;
  /** One entry for each connection. */
  heard: Buffer[];
  stop(): Promise<void>;
}

/** Listens at this address on a port of its own. */
export async function startWitness(address: string): Promise<Witness> {
  const heard: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const index = heard.push(Buffer.alloc(0)) - 1;
    sockets.add(socket);
    socket.on("data", (chunk) => (heard[index] = Buffer.concat([heard[index]!, chunk])));
    socket.on("close", () => sockets.delete(socket));
    // A client that goes away in the middle is what is wanted of it.
    socket.on("error", () => undefined);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, address, resolve);
  });
  return {
    host: `${address}:${(server.address() as AddressInfo).port}`,
    heard,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

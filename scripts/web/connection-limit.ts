import type { Server } from "node:http";
import { addressBlock } from "@/lib/platform/address-block";

/** Closes connections beyond so many that one address has open at a time; addresses that `spares` names have no limit. */
export function limitConnections(server: Server, most: number, spares: (address: string) => boolean): void {
  const open = new Map<string, number>();
  server.on("connection", (connection) => {
    const address = connection.remoteAddress;
    if (address === undefined || spares(address)) return;
    const block = addressBlock(address);
    const now = open.get(block) ?? 0;
    if (now >= most) return connection.destroy();
    open.set(block, now + 1);
    connection.once("close", () => {
      const left = open.get(block)! - 1;
      if (left > 0) open.set(block, left);
      else open.delete(block);
    });
  });
}

import { rmSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { socketFolder } from "./socket-folder";

/**
 * Holds the data folder for this process, until it ends; false where another holds it. The lock is a listening socket: a
 * killed holder answers no connection, so nothing stale is left to clear by hand.
 */
export async function tryLockDataFolder(dataDir: string): Promise<boolean> {
  const file = path.join(socketFolder(dataDir), "lock");
  if (await listen(file)) return true;
  if (await answers(file)) return false;
  rmSync(file, { force: true });
  return listen(file);
}

/** The same for a start. Throws an Error for the operator when another start holds the folder. */
export async function lockDataFolder(dataDir: string): Promise<void> {
  if (await tryLockDataFolder(dataDir)) return;
  throw new Error(
    `Latchkey is already running on the data folder ${dataDir}. Stop it first, or set LATCHKEY_DATA_DIR to another folder.`,
  );
}

function listen(file: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = net.createServer((socket) => socket.end());
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(false) : reject(error),
    );
    server.listen(file, () => {
      server.unref();
      resolve(true);
    });
  });
}

function answers(file: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(file);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

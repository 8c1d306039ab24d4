import type { IncomingMessage } from "node:http";

/** Resolves once the body that a request says it has is here, and leaves it to be read; never, where it does not come. */
export function wholeBody(request: IncomingMessage): Promise<void> {
  let missing = Number(request.headers["content-length"] ?? 0);
  if (missing === 0) return Promise.resolve();
  const chunks: Buffer[] = [];
  return new Promise((resolve) => {
    const take = () => {
      for (let chunk = read(request); chunk !== null; chunk = read(request)) {
        chunks.push(chunk);
        missing -= chunk.length;
      }
      if (missing > 0) return;
      request.off("readable", take);
      // Before the stream says that it has ended, which it then does to whoever reads this.
      request.unshift(Buffer.concat(chunks));
      resolve();
    };
    request.on("readable", take);
  });
}

const read = (request: IncomingMessage) => request.read() as Buffer | null;

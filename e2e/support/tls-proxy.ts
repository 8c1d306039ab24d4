import { request as forward } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { generate } from "selfsigned";

/** What an operator puts in front: TLS on a port of loopback, and plain HTTP to the given port behind. */
export async function startTlsProxy(): Promise<{ url: string; to(port: number): void; stop(): Promise<void> }> {
  const { private: key, cert } = await generate([{ name: "commonName", value: "localhost" }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] }],
  });
  let behind = 0;
  const server = createServer({ key, cert }, (incoming, outgoing) => {
    const { method, headers, url } = incoming;
    const passed = forward({ port: behind, host: "localhost", method, headers, path: url }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.rawHeaders);
      answer.pipe(outgoing);
    });
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, () => resolve()));
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    to: (port) => (behind = port),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

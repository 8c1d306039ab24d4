import { once } from "node:events";
import { writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { loopbackCertificate } from "../git-host/loopback-certificate";

export interface HostileHost {
  /** `localhost:PORT` */
  host: string;
  port: number;
  caFile: string;
  /** Connections that were ever opened. */
  connections(): number;
  /** Everything that was sent here: method, path, headers and body. */
  taken: string[];
  stop(): Promise<void>;
}

/** A server on loopback that does what the path's first part says: `/echo-body/app.git/…`. */
export async function startHostileHost(folder: string, name: string): Promise<HostileHost> {
  const certificate = await loopbackCertificate(name);
  const caFile = path.join(folder, `${name}.pem`);
  writeFileSync(caFile, certificate.cert);
  const taken: string[] = [];
  let connections = 0;
  const server = createServer({ key: certificate.private, cert: certificate.cert }, (request, response) => {
    const { method, url = "/", headers } = request;
    void text(request).then((body) => taken.push(`${method} ${url} ${JSON.stringify(headers)} ${body}`));
    const behave = BEHAVIOURS[url.split("/")[1] ?? ""];
    if (behave) behave(request, response);
    else response.writeHead(204).end();
  });
  server.on("connection", () => (connections += 1));
  server.listen(0);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    host: `localhost:${port}`,
    port,
    caFile,
    connections: () => connections,
    taken,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Four GB in four MB: gzip's own way to say the same so many times. */
function makeGzipBomb(): Buffer {
  const once = gzipSync(Buffer.alloc(64 * 1024 * 1024));
  return Buffer.concat(Array.from({ length: 64 }, () => once));
}

let gzipBomb: Buffer | undefined;

type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

const ADVERTISEMENT = "application/x-git-upload-pack-advertisement";

/** What it got, in the forms in which a host might repeat it. */
function sentTo({ headers }: IncomingMessage): string {
  const authorization = headers.authorization ?? "";
  return `${authorization} ${Buffer.from(authorization.split(" ")[1] ?? "", "base64").toString("latin1")}`.trim();
}

const redirect =
  (location: (request: IncomingMessage) => string, status = 302): Behaviour =>
  (request, response) =>
    response.writeHead(status, { location: location(request) }).end();

/** Where the request's own path says, in base64url: `/to/<address>/…`. */
const named = (request: IncomingMessage) => Buffer.from(request.url!.split("/")[2]!, "base64url").toString();

const BEHAVIOURS: Record<string, Behaviour> = {
  "echo-body": (request, response) => void response.writeHead(500).end(sentTo(request)),
  "echo-page": (request, response) =>
    void response.writeHead(200, { "content-type": "text/html" }).end(`<p>${sentTo(request)}</p>`),
  "echo-challenge": (request, response) =>
    void response.writeHead(401, { "www-authenticate": `Basic realm="${sentTo(request)}"` }).end(),
  "echo-header": (request, response) =>
    void response.writeHead(403, { "x-echo": sentTo(request), "set-cookie": `echo=${sentTo(request)}` }).end(),
  "echo-reason": (request, response) => void response.writeHead(404, sentTo(request) || "Nothing").end(),
  "echo-type": (request, response) => void response.writeHead(200, { "content-type": `text/${sentTo(request)}` }).end(),
  "echo-redirect": redirect((request) => `/echo-body/${encodeURIComponent(sentTo(request))}/info/refs`),
  "echo-sideband": (request, response) => {
    const line = `ERR ${sentTo(request)}\n`;
    const packet = (content: string) => (content.length + 4).toString(16).padStart(4, "0") + content;
    response.writeHead(200, { "content-type": ADVERTISEMENT });
    response.end(`${packet("# service=git-upload-pack\n")}0000${packet(line)}0000`);
  },
  to: redirect(named),
  "to-307": redirect(named, 307),
  "to-308": redirect(named, 308),
  loop: redirect((request) => request.url!),
  hang: () => undefined,
  flood: (_request, response) => {
    response.writeHead(200, { "content-type": ADVERTISEMENT });
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65536, "x")));
    };
    response.on("drain", more);
    more();
  },
  "gzip-bomb": (_request, response) =>
    void response
      .writeHead(200, { "content-type": ADVERTISEMENT, "content-encoding": "gzip" })
      .end((gzipBomb ??= makeGzipBomb())),
  "header-bomb": (_request, response) => void response.writeHead(200, { "x-much": "x".repeat(200_000) }).end(),
  "many-packets": (_request, response) =>
    void response.writeHead(200, { "content-type": ADVERTISEMENT }).end("0004".repeat(1_000_000)),
  "cut-short": (_request, response) => {
    response.writeHead(200, { "content-type": ADVERTISEMENT, "content-length": "1000" });
    response.write("001e# service=git-upload-pack\n", () => response.destroy());
  },
};

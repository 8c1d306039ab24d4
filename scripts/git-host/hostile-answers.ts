import { execFileSync } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import type { HostState } from "./answer";

export interface Exchange {
  state: HostState;
  url: URL;
  request: IncomingMessage;
  response: ServerResponse;
  /** Answers as Git does, from the repository of this path. */
  serve: (pathname: string) => void;
}

const ADVERTISEMENT = "application/x-git-upload-pack-advertisement";
const RESULT = "application/x-git-upload-pack-result";
const OBJECT = "1234567890".repeat(4);
const SERVICE_LINE = "001e# service=git-upload-pack\n0000";
/** A sign of life, which no rule on silence ends. */
const DRIP_MS = 20;

/** Upstreams that mean harm, or are no Git servers at all, by the repository's name: `/hostile/<name>.git`. */
export const HOSTILE: Readonly<Record<string, (exchange: Exchange) => void>> = {
  /** A redirect to another origin. */
  elsewhere: ({ state, response }) => {
    response.writeHead(302, { location: `${state.elsewhere}/team/app.git/info/refs?service=git-upload-pack` }).end();
  },
  /** A redirect to itself. */
  loop: ({ url, response }) => {
    response.writeHead(302, { location: url.pathname + url.search }).end();
  },
  /** A redirect within the origin whose address holds the sign-in of whoever signed in. */
  "echo-redirect": ({ state, url, request, response, serve }) => {
    state.lastMark = markOf(request) ?? state.lastMark ?? "nobody";
    const inside = /^\/hostile\/echo-redirect\/[^/]+\.git\/(.+)$/.exec(url.pathname)?.[1];
    if (inside) return serve(`/hostile/echo-redirect.git/${inside}`);
    const location = `/hostile/echo-redirect/${state.lastMark}.git/info/refs${url.search}`;
    response.writeHead(302, { location }).end();
  },
  /** Branches named after whoever signed in. */
  "echo-refs": ({ state, url, request, serve }) => {
    const mark = markOf(request);
    if (mark) state.commit("hostile/echo-refs", `refs/heads/${mark}`);
    serve(url.pathname);
  },
  /** An object with the sign-in in it, which is stored as it was sent: uncompressed. */
  "echo-objects": ({ state, url, request, serve }) => {
    const mark = markOf(request);
    execFileSync("git", ["-C", `${state.folder}/hostile/echo-objects.git`, "config", "core.compression", "0"]);
    if (mark) state.commit("hostile/echo-objects", "refs/heads/main", mark);
    serve(url.pathname);
  },
  /** The sign-in in what the server has git print, as progress and as an error. */
  "echo-sideband": ({ url, request, response }) => {
    if (request.method === "GET") return advertise(response, [`${OBJECT} refs/heads/main`]);
    if (!url.pathname.endsWith("/git-upload-pack")) return;
    response.writeHead(200, { "content-type": RESULT });
    const words = `Authorization: ${request.headers.authorization}\n`;
    response.end(`0008NAK\n${packet(`\u0002${words}`)}${packet(`\u0003${words}`)}0000`);
  },
  /** An error that repeats the sign-in. */
  echo: ({ request, response }) => {
    response.writeHead(500, { "content-type": "text/plain" }).end(`You sent ${request.headers.authorization}`);
  },
  /** The same for a reader, with the status of a success. */
  "echo-page": ({ request, response }) => {
    response.writeHead(200, { "content-type": "text/html" }).end(`<p>You sent ${request.headers.authorization}</p>`);
  },
  login: ({ response }) => {
    response.writeHead(200, { "content-type": "text/html" }).end("<form>Sign in</form>");
  },
  /** Git's old protocol: a file server. */
  dumb: ({ response }) => {
    response.writeHead(200, { "content-type": "text/plain" }).end(`${OBJECT}\trefs/heads/main\n`);
  },
  /** Asks for Kerberos or NTLM. */
  negotiate: ({ response }) => {
    response.writeHead(401, { "www-authenticate": ["Negotiate", "NTLM"] }).end();
  },
  /** Branches without end, in the first answer. */
  endless: ({ response }) => {
    response.writeHead(200, { "content-type": ADVERTISEMENT });
    response.write(`${SERVICE_LINE}${packet(`${OBJECT} refs/heads/first\0 agent=git/2\n`)}`);
    branchesWithoutEnd(response);
  },
  /** A pack that is broken off by the end of the connection. */
  "broken-off": ({ request, response }) => {
    if (request.method === "GET") return advertise(response, [`${OBJECT} refs/heads/main`]);
    response.writeHead(200, { "content-type": RESULT });
    response.write(`0008NAK\n${packet("\u0001PACK")}`, () => response.destroy());
  },
  /** As `endless`, in version 2 of the protocol, where the list is asked for by itself. */
  "endless-list": ({ request, response }) => {
    if (request.method === "GET") {
      const capabilities = ["version 2", "agent=git/2", "ls-refs", "fetch", "object-format=sha1"];
      response.writeHead(200, { "content-type": ADVERTISEMENT });
      response.end(`${SERVICE_LINE}${capabilities.map((line) => packet(`${line}\n`)).join("")}0000`);
      return;
    }
    response.writeHead(200, { "content-type": RESULT });
    branchesWithoutEnd(response);
  },
  /** A short answer that is long once it is unpacked, though nobody offered to unpack. */
  bomb: ({ response }) => {
    response.writeHead(200, { "content-type": ADVERTISEMENT, "content-encoding": "gzip" });
    response.end(gzipSync(Buffer.alloc(8 * 1024 * 1024, packet(`${OBJECT} refs/heads/main\n`))));
  },
  /** A byte now and then, and no end. */
  drip: ({ response }) => {
    response.writeHead(200, { "content-type": ADVERTISEMENT });
    response.write(SERVICE_LINE);
    nowAndThen(response, () => response.write("0"));
  },
  /** Headers that do not end. */
  "drip-head": ({ response }) => {
    response.socket?.write("HTTP/1.1 200 OK\r\nX-Slow: ");
    nowAndThen(response, () => response.socket?.write("x"));
  },
  /** Never answers. */
  hang: () => undefined,
};

/** The sign-in of a request as it stands in its header. */
function markOf({ headers }: IncomingMessage): string | undefined {
  return headers.authorization?.split(" ")[1]?.replace(/=+$/, "");
}

function advertise(response: ServerResponse, refs: string[]): void {
  const [first, ...others] = refs;
  response.writeHead(200, { "content-type": ADVERTISEMENT });
  const lines = [`${first}\0side-band-64k agent=git/2`, ...others].map((line) => packet(`${line}\n`)).join("");
  response.end(`${SERVICE_LINE}${lines}0000`);
}

function packet(text: string): string {
  return (Buffer.byteLength(text) + 4).toString(16).padStart(4, "0") + text;
}

function branchesWithoutEnd(response: ServerResponse): void {
  const lines = Array.from({ length: 1000 }, (_, index) => packet(`${OBJECT} refs/heads/branch-${index}\n`)).join("");
  const more = () => {
    while (!response.destroyed && response.write(lines));
  };
  response.on("drain", more);
  more();
}

function nowAndThen(response: ServerResponse, act: () => void): void {
  const timer = setInterval(act, DRIP_MS);
  response.once("close", () => clearInterval(timer));
}

import { once } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { loopbackCertificate } from "@/scripts/git-host/loopback-certificate";

export interface ReceivedDelivery {
  headers: IncomingHttpHeaders;
  body: string;
}

export interface WebhookReceiver {
  /** `localhost:PORT` */
  host: string;
  url: string;
  /** The certificate authority to trust, in PEM. */
  ca: string;
  received: ReceivedDelivery[];
  /** What the next deliveries are answered with; with an address as a redirect. */
  answerWith(status: number, location?: string): void;
  /** Resolves once so many deliveries have come. */
  waitFor(count: number): Promise<void>;
  stop(): Promise<void>;
}

/** Somebody's own server, over TLS on loopback, that keeps what is delivered to it. */
export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const certificate = await loopbackCertificate("Webhook receiver on loopback");
  const received: ReceivedDelivery[] = [];
  const waiting = new Set<() => void>();
  let answer: { status: number; location?: string } = { status: 200 };
  const server = createServer({ key: certificate.private, cert: certificate.cert }, (request, response) => {
    void text(request).then((body) => {
      received.push({ headers: request.headers, body });
      response.writeHead(answer.status, answer.location ? { location: answer.location } : {}).end();
      for (const look of waiting) look();
    });
  });
  server.listen(0);
  await once(server, "listening");
  const host = `localhost:${(server.address() as AddressInfo).port}`;
  return {
    host,
    url: `https://${host}/hooks?team=a`,
    ca: certificate.cert,
    received,
    answerWith: (status, location) => void (answer = { status, location }),
    waitFor: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (received.length < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

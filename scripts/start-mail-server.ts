import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { SMTPServer } from "smtp-server";
import { loopbackCertificate } from "./git-host/loopback-certificate";

export interface ReceivedMail {
  to: string[];
  /** Head and body as they came. */
  source: string;
  encrypted: boolean;
}

export interface MailServer {
  port: number;
  /** The certificate authority to trust, in PEM. */
  ca: string;
  received: ReceivedMail[];
  /** What was tried to sign in with. */
  passwords: string[];
  /** From now on recipients are refused with this number, or taken again. */
  refuseWith(code: number | null): void;
  stop(): Promise<void>;
}

interface MailServerOptions {
  /** `none` offers no TLS at all. */
  tls: "starttls" | "from the start" | "none";
  password: string;
  port?: number;
  /** Of the certificate, where it is not for loopback. */
  names?: string[];
}

/** Somebody's mail server on loopback, which keeps what it is handed. The user is "latchkey". */
export async function startMailServer({ tls, password, port = 0, names }: MailServerOptions): Promise<MailServer> {
  const certificate = await loopbackCertificate("Mail server on loopback", { names });
  const received: ReceivedMail[] = [];
  const passwords: string[] = [];
  let refusal: number | null = null;
  const server = new SMTPServer({
    key: certificate.private,
    cert: certificate.cert,
    secure: tls === "from the start",
    disabledCommands: tls === "none" ? ["STARTTLS"] : [],
    authOptional: true,
    allowInsecureAuth: true,
    onAuth({ username, password: tried }, _session, callback) {
      passwords.push(tried ?? "");
      if (username === "latchkey" && tried === password) callback(null, { user: username });
      else callback(Object.assign(new Error(`not ${tried}`), { responseCode: 535 }));
    },
    onRcptTo(_address, _session, callback) {
      callback(refusal === null ? null : Object.assign(new Error("refused"), { responseCode: refusal }));
    },
    onData(stream, { envelope, secure }, callback) {
      void text(stream).then((source) => {
        received.push({ to: envelope.rcptTo.map(({ address }) => address), source, encrypted: secure });
        callback();
      });
    },
  });
  // A client that goes away in the middle is what is wanted of it.
  server.on("error", () => undefined);
  const listening = server.listen(port, "127.0.0.1");
  await once(listening, "listening");
  return {
    port: (listening.address() as AddressInfo).port,
    ca: certificate.cert,
    received,
    passwords,
    refuseWith: (code) => void (refusal = code),
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}

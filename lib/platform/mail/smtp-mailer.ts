import { rootCertificates } from "node:tls";
import { createTransport } from "nodemailer";
import type { MailReason } from "@/lib/contract/notices";
import { holdSecret } from "@/lib/domain/credentials/secrets-in-use";
import type { Mailer, MailResult } from "@/lib/domain/notices/mailer";
import { withDeadline } from "@/lib/domain/upstream/deadline";
import type { SmtpServer } from "./smtp-server";

const CONNECT_MS = 10_000;
const SILENCE_MS = 30_000;
export const WHOLE_MS = 60_000;

/**
 * A mailer over this server, with each message on a connection of its own. The server is the operator's choice and no
 * user's, so it may stand inside the network, where the egress policy of upstreams would not let one. Unless it is this
 * machine, it must speak TLS with a certificate of these authorities (PEM) or the usual ones: without, nothing is sent.
 */
export function createSmtpMailer(
  server: SmtpServer,
  from: string,
  authorities?: string,
  { wholeMs = WHOLE_MS }: { wholeMs?: number } = {},
): Mailer {
  const { host, port, secure, local, auth } = server;
  // For as long as this process runs: what a server answers may hold what it was sent.
  if (auth) holdSecret(auth.pass, auth.user);
  const transport = createTransport({
    host,
    port,
    secure,
    auth,
    requireTLS: !secure && !local,
    ignoreTLS: !secure && local,
    // In so many words: the environment can turn Node's default off.
    tls: {
      rejectUnauthorized: true,
      minVersion: "TLSv1.2",
      ...(authorities && { ca: [...rootCertificates, authorities] }),
    },
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    dnsTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = from.slice(from.lastIndexOf("@") + 1);
  return {
    async send({ to, subject, text, id }, caller) {
      const message = {
        from: { name: "Latchkey", address: from },
        to: { name: "", address: to },
        subject,
        text,
        messageId: `<${id}@${domain}>`,
        headers: { "Auto-Submitted": "auto-generated" },
      };
      try {
        await withDeadline(wholeMs, caller, (signal) => transport.sendMail({ ...message, signal }));
        return { taken: true };
      } catch (error) {
        return refusal(error);
      }
    },
  };
}

const REASONS: Record<string, MailReason> = {
  EDNS: "name",
  ETIMEDOUT: "time",
  EABORT: "time",
  EAUTH: "sign_in",
  ENOAUTH: "sign_in",
  ECONNECTION: "connection",
  ESOCKET: "connection",
};

/** Of what the server said only its number counts. Throws what is no failure of the server's. */
function refusal(error: unknown): MailResult {
  const { code, originalCode = "", responseCode } = error as SmtpError;
  if (code === undefined) throw error;
  const refused = (code === "EENVELOPE" || code === "EMESSAGE") && responseCode !== undefined && responseCode >= 500;
  if (refused) return { taken: false, reason: "refused", final: true };
  return { taken: false, reason: reasonOf(code, originalCode, responseCode), final: false };
}

function reasonOf(code: string, originalCode: string, responseCode: number | undefined): MailReason {
  if (/CERT|SIGNATURE|ISSUER/.test(originalCode)) return "certificate";
  // Answered with a number, it is the server's no to STARTTLS.
  if (code === "ETLS") return responseCode === undefined ? "certificate" : "no_tls";
  return REASONS[code] ?? "host_error";
}

/** As the library has it: its own code, and under it the system's. */
interface SmtpError {
  code?: string;
  originalCode?: string;
  responseCode?: number;
}

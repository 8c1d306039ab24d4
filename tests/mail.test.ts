import { createServer, type AddressInfo } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { strikeOutSecrets } from "@/lib/domain/credentials/secrets-in-use";
import { createSmtpMailer } from "@/lib/platform/mail/smtp-mailer";
import { parseSmtpServer } from "@/lib/platform/mail/smtp-server";
import { startMailServer, type MailServer } from "@/scripts/start-mail-server";

const PASSWORD = "smtp-password-of-the-tests";
const FROM = "latchkey@keys.example.com";
const MAIL = { id: "mail_1", to: "ada@example.com", subject: "Token expiring", text: "It ends tomorrow." };
const going = () => new AbortController().signal;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

afterEach(() => {
  vi.unstubAllEnvs();
});

async function serve(options: Omit<Parameters<typeof startMailServer>[0], "password">): Promise<MailServer> {
  const server = await startMailServer({ ...options, password: PASSWORD });
  onTestFinished(() => server.stop());
  return server;
}

/** As for a server on another machine, which must speak TLS. */
function remote(server: { port: number }, more: { secure?: boolean; password?: string } = {}) {
  const { secure = false, password = PASSWORD } = more;
  return { host: "localhost", port: server.port, secure, local: false, auth: { user: "latchkey", pass: password } };
}

describe("mail is handed in", () => {
  it("over TLS, by STARTTLS or from the start, with the password behind it", async () => {
    for (const tls of ["starttls", "from the start"] as const) {
      const server = await serve({ tls });
      const secure = tls === "from the start";
      const result = await createSmtpMailer(remote(server, { secure }), FROM, server.ca).send(MAIL, going());
      expect(result).toEqual({ taken: true });
      const [mail] = server.received;
      expect(mail).toMatchObject({ to: [MAIL.to], encrypted: true });
      expect(mail!.source).toMatch(/^From: Latchkey <latchkey@keys\.example\.com>\r$/m);
      expect(mail!.source).toMatch(/^Message-ID: <mail_1@keys\.example\.com>\r$/m);
      expect(mail!.source).toMatch(/^Auto-Submitted: auto-generated\r$/m);
      expect(mail!.source).toContain("It ends tomorrow.");
      expect(strikeOutSecrets(`it said ${PASSWORD}`)).toBe("it said [redacted]");
    }
  });

  it("to nobody else without it: no password and no message goes out", async () => {
    const server = await serve({ tls: "none" });
    const result = await createSmtpMailer(remote(server), FROM, server.ca).send(MAIL, going());
    expect(result).toEqual({ taken: false, reason: "no_tls", final: false });
    expect(server.passwords).toEqual([]);
    expect(server.received).toEqual([]);
  });

  it("without it to this machine alone", async () => {
    const server = await serve({ tls: "none" });
    const local = parseSmtpServer(`smtp://latchkey:${PASSWORD}@127.0.0.1:${server.port}`);
    expect(await createSmtpMailer(local, FROM).send(MAIL, going())).toEqual({ taken: true });
    expect(server.received).toMatchObject([{ encrypted: false }]);
  });

  it("to no certificate of an authority that is not trusted, or of another name", async () => {
    const refused = { taken: false, reason: "certificate", final: false };
    for (const tls of ["starttls", "from the start"] as const) {
      const secure = tls === "from the start";
      const unknown = await serve({ tls });
      expect(await createSmtpMailer(remote(unknown, { secure }), FROM).send(MAIL, going())).toEqual(refused);
      const other = await serve({ tls, names: ["mail.example.com"] });
      expect(await createSmtpMailer(remote(other, { secure }), FROM, other.ca).send(MAIL, going())).toEqual(refused);
      expect([...unknown.passwords, ...other.passwords]).toEqual([]);
    }
  });

  it("to no such certificate either where the environment has Node check none", async () => {
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    for (const tls of ["starttls", "from the start"] as const) {
      const unknown = await serve({ tls });
      const mailer = createSmtpMailer(remote(unknown, { secure: tls === "from the start" }), FROM);
      expect(await mailer.send(MAIL, going())).toMatchObject({ taken: false, reason: "certificate" });
      expect(unknown.passwords).toEqual([]);
    }
  });
});

describe("what a server answers becomes a word of ours", () => {
  it("where it refuses the password, the recipient for now, or for good", async () => {
    const server = await serve({ tls: "starttls" });
    const wrong = createSmtpMailer(remote(server, { password: "another-password" }), FROM, server.ca);
    expect(await wrong.send(MAIL, going())).toEqual({ taken: false, reason: "sign_in", final: false });
    const mailer = createSmtpMailer(remote(server), FROM, server.ca);
    server.refuseWith(451);
    expect(await mailer.send(MAIL, going())).toEqual({ taken: false, reason: "host_error", final: false });
    server.refuseWith(550);
    expect(await mailer.send(MAIL, going())).toEqual({ taken: false, reason: "refused", final: true });
    server.refuseWith(null);
    expect(await mailer.send(MAIL, going())).toEqual({ taken: true });
  });

  it("where there is none, or the worker is stopped", async () => {
    const server = await startMailServer({ tls: "starttls", password: PASSWORD });
    await server.stop();
    const mailer = createSmtpMailer(remote(server), FROM, server.ca);
    expect(await mailer.send(MAIL, going())).toEqual({ taken: false, reason: "connection", final: false });
    expect(await mailer.send(MAIL, AbortSignal.abort())).toEqual({ taken: false, reason: "time", final: false });
  });
});

describe("a server that goes on and on", () => {
  it("is given up after a minute in all, though each byte comes in good time and garbage is collected", async () => {
    const talking = createServer((socket) => {
      socket.write("220 here\r\n");
      socket.once("data", () => {
        const drip = setInterval(() => socket.write("2"), 20);
        socket.once("close", () => clearInterval(drip));
      });
      socket.on("error", () => undefined);
    });
    await new Promise<void>((resolve) => talking.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => new Promise((resolve) => talking.close(() => resolve())));
    const { port } = talking.address() as AddressInfo;
    const local = parseSmtpServer(`smtp://127.0.0.1:${port}`);
    const mailer = createSmtpMailer(local, FROM, undefined, { wholeMs: 500 });
    const collecting = setInterval(collect, 20);
    expect(await mailer.send(MAIL, going())).toEqual({ taken: false, reason: "time", final: false });
    clearInterval(collecting);
  });
});

describe("a name holds no line of its own", () => {
  it("in the head of a message", async () => {
    const server = await serve({ tls: "starttls" });
    const mailer = createSmtpMailer(remote(server), FROM, server.ca);
    const subject = "Expiring: app\r\nBcc: eve@example.com\r\n\r\nX";
    expect(await mailer.send({ ...MAIL, subject }, going())).toEqual({ taken: true });
    const [mail] = server.received;
    const head = mail!.source.slice(0, mail!.source.indexOf("\r\n\r\n"));
    expect(mail!.to).toEqual([MAIL.to]);
    expect(head).not.toMatch(/^Bcc:/im);
    expect(head).toMatch(/^To: /m);
  });
});

describe("the server's address", () => {
  it("is read with its parts, and a port of its kind", () => {
    expect(parseSmtpServer("smtps://me%40example.com:p%2Fw@mail.example.com")).toEqual({
      host: "mail.example.com",
      port: 465,
      secure: true,
      local: false,
      auth: { user: "me@example.com", pass: "p/w" },
    });
    expect(parseSmtpServer("smtp://[::1]")).toEqual({ host: "::1", port: 587, secure: false, local: true });
    expect(parseSmtpServer("smtp://localhost:25/")).toMatchObject({ port: 25, local: true });
    expect(parseSmtpServer("smtp://127.example.com")).toMatchObject({ local: false });
  });

  it.each([
    "",
    "mail.example.com",
    "https://mail.example.com",
    "smtp://",
    "smtp://mail.example.com/?tls.rejectUnauthorized=false",
    "smtp://u:%ZZ@mail.example.com",
  ])("is refused without being repeated: %s", (text) => {
    expect(() => parseSmtpServer(text)).toThrow();
  });
});

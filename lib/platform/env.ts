import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import path from "node:path";
import ipaddr from "ipaddr.js";
import proxyAddr from "proxy-addr";
import { z } from "zod";
import { parseSmtpServer, type SmtpServer } from "./mail/smtp-server";

/** Entries separated by commas, blanks around them and empty ones left out. */
const list = z
  .string()
  .default("")
  .transform((text) =>
    text
      .split(",")
      .map((item) => item.trim())
      .filter(Boolean),
  );

/** How many requests in a minute. */
const requestsAMinute = (name: string, most: number) =>
  z.coerce
    .number(`${name} must be a whole number from 1 up: so many requests in a minute.`)
    .int()
    .min(1)
    .max(1_000_000_000)
    .default(most);

const port = (name: string) => z.coerce.number(`${name} must be a number from 1 to 65535.`).int().min(1).max(65535);

const MAIL_SERVER =
  "LATCHKEY_SMTP_URL must be a mail server's address: smtp://user:password@mail.example.com:587, or smtps:// for TLS from the start. Write signs in the password as in a URL (@ as %40).";

const schema = z.object({
  PORT: port("PORT").default(3000),
  LATCHKEY_URL: z
    .url({
      protocol: /^https?$/,
      error: "LATCHKEY_URL must be the public address of this service, such as https://latchkey.example.com.",
    })
    .optional(),
  LATCHKEY_DATA_DIR: z.string().min(1).default("./data"),
  DATABASE_URL: z
    .url({
      protocol: /^postgres(ql)?$/,
      error: "DATABASE_URL must be a PostgreSQL address: postgresql://user:password@host:5432/name.",
    })
    .optional(),
  LATCHKEY_MASTER_KEYS: z.string().optional(),
  LATCHKEY_MASTER_KEYS_FILE: z.string().min(1).optional(),
  AUTH_SECRET: z.string().min(32, "AUTH_SECRET must have at least 32 characters.").optional(),
  AUTH_OIDC_ISSUER: z
    .string()
    .refine(
      (issuer) => URL.canParse(issuer) && (issuer.startsWith("https://") || isLoopback(new URL(issuer))),
      "AUTH_OIDC_ISSUER must be the identity provider's https:// issuer, such as https://id.example.com.",
    )
    .optional(),
  AUTH_OIDC_ID: z.string().optional(),
  AUTH_OIDC_SECRET: z.string().optional(),
  LATCHKEY_EGRESS_ALLOW: list.pipe(
    z.array(
      z
        .string()
        .refine(
          (entry) => /^[A-Za-z0-9.-]+(:\d{1,5})?$/.test(entry) || isNetwork(entry),
          "LATCHKEY_EGRESS_ALLOW must list networks (10.0.0.0/8) or hosts (git.internal:8443), separated by commas.",
        ),
    ),
  ),
  LATCHKEY_TRUSTED_PROXIES: list.pipe(
    z.array(
      z
        .string()
        .refine(
          isProxy,
          "LATCHKEY_TRUSTED_PROXIES must list addresses (127.0.0.1) or networks (10.0.0.0/8), separated by commas, and not everybody (/0).",
        ),
    ),
  ),
  LATCHKEY_RATE_SUBJECT: requestsAMinute("LATCHKEY_RATE_SUBJECT", 3_000),
  LATCHKEY_RATE_ADDRESS: requestsAMinute("LATCHKEY_RATE_ADDRESS", 6_000),
  LATCHKEY_RATE_FAILURES: requestsAMinute("LATCHKEY_RATE_FAILURES", 300),
  LATCHKEY_MIN_FREE_MB: z.coerce
    .number("LATCHKEY_MIN_FREE_MB must be a whole number of megabytes.")
    .int()
    .min(0)
    .max(1_000_000_000)
    .default(1_000),
  LATCHKEY_UPSTREAM_CA_FILE: z.string().min(1).optional(),
  LATCHKEY_BOOTSTRAP_FILE: z.string().min(1).optional(),
  LATCHKEY_SMTP_URL: z.string().refine(isSmtpServer, MAIL_SERVER).optional(),
  LATCHKEY_SMTP_URL_FILE: z.string().min(1).optional(),
  LATCHKEY_MAIL_FROM: z
    .email("LATCHKEY_MAIL_FROM must be the address that mail is from, such as latchkey@example.com.")
    .optional(),
  LATCHKEY_METRICS_PORT: port("LATCHKEY_METRICS_PORT").optional(),
  LATCHKEY_METRICS_HOST: z.string().min(1).default("127.0.0.1"),
  // Node's own switch: probes, pulls and mail do not follow it, but the identity provider's library would.
  NODE_TLS_REJECT_UNAUTHORIZED: z
    .string()
    .refine(
      (value) => value !== "0",
      "NODE_TLS_REJECT_UNAUTHORIZED=0 would trust whoever answers. Take it out, and name your own authority's certificate in NODE_EXTRA_CA_CERTS or LATCHKEY_UPSTREAM_CA_FILE.",
    )
    .optional(),
  LOG_LEVEL: z
    .enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"], {
      error: "LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent.",
    })
    .default("info"),
});

export interface Env extends Omit<z.infer<typeof schema>, "LATCHKEY_URL"> {
  /** Public base URL, without a slash at its end. */
  LATCHKEY_URL: string;
}

/**
 * The configuration, parsed once. Throws an Error of one sentence for each variable that is wrong.
 * An empty variable counts as unset.
 */
export function parseEnv(source: Record<string, string | undefined>): Env {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value !== ""));
  const result = schema.safeParse(given);
  if (!result.success) {
    const sentences = result.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      return issue.message.startsWith(name) ? issue.message : `${name} is not valid: ${issue.message}.`;
    });
    throw new Error([...new Set(sentences)].join("\n"));
  }
  const { LATCHKEY_URL, ...rest } = result.data;
  if (rest.LATCHKEY_MASTER_KEYS && rest.LATCHKEY_MASTER_KEYS_FILE) {
    throw new Error("Set LATCHKEY_MASTER_KEYS or LATCHKEY_MASTER_KEYS_FILE, not both.");
  }
  const singleSignOn = ["AUTH_OIDC_ISSUER", "AUTH_OIDC_ID", "AUTH_OIDC_SECRET"] as const;
  const missing = singleSignOn.filter((name) => !rest[name]);
  if (missing.length > 0 && missing.length < singleSignOn.length) {
    throw new Error(`${missing.join(" and ")} must be set too: single sign-on needs ${singleSignOn.join(", ")}.`);
  }
  for (const name of FILES) {
    if (rest[name]) assertReadable(name, rest[name]);
  }
  assertMail(rest);
  return {
    ...rest,
    LATCHKEY_DATA_DIR: path.resolve(rest.LATCHKEY_DATA_DIR),
    LATCHKEY_URL: (LATCHKEY_URL ?? `http://localhost:${rest.PORT}`).replace(/\/+$/, ""),
  };
}

const FILES = [
  "LATCHKEY_MASTER_KEYS_FILE",
  "LATCHKEY_UPSTREAM_CA_FILE",
  "LATCHKEY_BOOTSTRAP_FILE",
  "LATCHKEY_SMTP_URL_FILE",
] as const;

/** Mail has a server and a sender, or it is off. */
function assertMail(mail: z.infer<typeof schema>): void {
  const { LATCHKEY_SMTP_URL: url, LATCHKEY_SMTP_URL_FILE: file, LATCHKEY_MAIL_FROM: from } = mail;
  if (url && file) throw new Error("Set LATCHKEY_SMTP_URL or LATCHKEY_SMTP_URL_FILE, not both.");
  if ((url ?? file) && !from) throw new Error("LATCHKEY_MAIL_FROM is missing: the address that mail is from.");
  if (from && !url && !file) throw new Error("LATCHKEY_SMTP_URL is missing: the server that mail is handed to.");
  if (file && !isSmtpServer(readFileSync(/* turbopackIgnore: true */ file, "utf8").trim())) {
    throw new Error(`The file that LATCHKEY_SMTP_URL_FILE names does not hold a mail server's address. ${MAIL_SERVER}`);
  }
}

function isSmtpServer(text: string): boolean {
  try {
    parseSmtpServer(text);
    return true;
  } catch {
    return false;
  }
}

/** Four-part or IPv6 notation with a prefix length. */
function isNetwork(text: string): boolean {
  return ipaddr.IPv4.isValidCIDRFourPartDecimal(text) || ipaddr.IPv6.isValidCIDR(text);
}

/** An address or a network that is not everybody, as the library that will match it reads it. */
function isProxy(entry: string): boolean {
  if (isIP(entry) === 0 && !isNetwork(entry)) return false;
  try {
    proxyAddr.compile(entry);
    return true;
  } catch {
    return false;
  }
}

/** Whether an address is plain HTTP to this machine itself, where nobody listens in between. */
function isLoopback({ protocol, hostname }: URL): boolean {
  return protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
}

function assertReadable(name: string, file: string): void {
  try {
    readFileSync(/* turbopackIgnore: true */ file);
  } catch {
    throw new Error(`${name} names a file that cannot be read.`);
  }
}

let parsed: Env | undefined;

/** This process's configuration. Throws as `parseEnv` does. */
export function env(): Env {
  parsed ??= parseEnv(process.env);
  return parsed;
}

/** Whether the page code runs under `npm run dev`. */
export function isDevelopment(): boolean {
  return process.env.NODE_ENV === "development";
}

/** The file that the master keys stand in; undefined where they are in the environment. */
export function masterKeysFile(): string | undefined {
  const { LATCHKEY_MASTER_KEYS, LATCHKEY_MASTER_KEYS_FILE, LATCHKEY_DATA_DIR } = env();
  if (LATCHKEY_MASTER_KEYS) return undefined;
  return LATCHKEY_MASTER_KEYS_FILE ?? path.join(LATCHKEY_DATA_DIR, "master-keys");
}

/** The master keys as configured, or the ones generated into the data folder: `id:base64`, comma separated. */
export function masterKeysText(): string {
  const file = masterKeysFile();
  if (file === undefined) return env().LATCHKEY_MASTER_KEYS!;
  try {
    return readFileSync(/* turbopackIgnore: true */ file, "utf8");
  } catch {
    throw new Error(`The file with the master keys cannot be read: ${file}`);
  }
}

/** The secret that signs dashboard sessions. */
export function authSecret(): string {
  const { AUTH_SECRET, LATCHKEY_DATA_DIR } = env();
  return (
    AUTH_SECRET ?? readFileSync(/* turbopackIgnore: true */ path.join(LATCHKEY_DATA_DIR, "auth-secret"), "utf8").trim()
  );
}

/** The identity provider, and what Latchkey is there; undefined where none is configured. */
export function identityProvider(): { issuer: string; clientId: string; clientSecret: string } | undefined {
  const { AUTH_OIDC_ISSUER: issuer, AUTH_OIDC_ID: clientId, AUTH_OIDC_SECRET: clientSecret } = env();
  return issuer && clientId && clientSecret ? { issuer, clientId, clientSecret } : undefined;
}

/** Certificates (PEM) of the authorities that upstreams may have besides the usual ones; undefined where none are named. */
export function upstreamAuthorities(): string | undefined {
  const { LATCHKEY_UPSTREAM_CA_FILE: file } = env();
  return file && readFileSync(/* turbopackIgnore: true */ file, "utf8");
}

/** The server that mail is handed to; undefined where mail is off. */
export function smtpServer(): SmtpServer | undefined {
  const { LATCHKEY_SMTP_URL: url, LATCHKEY_SMTP_URL_FILE: file } = env();
  const text = file === undefined ? url : readFileSync(/* turbopackIgnore: true */ file, "utf8").trim();
  return text === undefined ? undefined : parseSmtpServer(text);
}

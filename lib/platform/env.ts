import { readFileSync } from "node:fs";
import path from "node:path";
import ipaddr from "ipaddr.js";
import { z } from "zod";

const schema = z.object({
  PORT: z.coerce.number("PORT must be a number from 1 to 65535.").int().min(1).max(65535).default(3000),
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
  LATCHKEY_EGRESS_ALLOW: z
    .string()
    .default("")
    .transform((list) =>
      list
        .split(",")
        .map((item) => item.trim())
        .filter(Boolean),
    )
    .pipe(
      z.array(
        z
          .string()
          .refine(
            (entry) => /^[A-Za-z0-9.-]+(:\d{1,5})?$/.test(entry) || isNetwork(entry),
            "LATCHKEY_EGRESS_ALLOW must list networks (10.0.0.0/8) or hosts (git.internal:8443), separated by commas.",
          ),
      ),
    ),
  LATCHKEY_UPSTREAM_CA_FILE: z.string().min(1).optional(),
  LATCHKEY_BOOTSTRAP_FILE: z.string().min(1).optional(),
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
  for (const name of ["LATCHKEY_MASTER_KEYS_FILE", "LATCHKEY_UPSTREAM_CA_FILE", "LATCHKEY_BOOTSTRAP_FILE"] as const) {
    if (rest[name]) assertReadable(name, rest[name]);
  }
  return {
    ...rest,
    LATCHKEY_DATA_DIR: path.resolve(rest.LATCHKEY_DATA_DIR),
    LATCHKEY_URL: (LATCHKEY_URL ?? `http://localhost:${rest.PORT}`).replace(/\/+$/, ""),
  };
}

/** Four-part or IPv6 notation with a prefix length. */
function isNetwork(text: string): boolean {
  return ipaddr.IPv4.isValidCIDRFourPartDecimal(text) || ipaddr.IPv6.isValidCIDR(text);
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

/** The master keys as configured, or the ones generated into the data folder: `id:base64`, comma separated. */
export function masterKeysText(): string {
  const { LATCHKEY_MASTER_KEYS, LATCHKEY_MASTER_KEYS_FILE, LATCHKEY_DATA_DIR } = env();
  return (
    LATCHKEY_MASTER_KEYS ??
    readFileSync(
      /* turbopackIgnore: true */ LATCHKEY_MASTER_KEYS_FILE ?? path.join(LATCHKEY_DATA_DIR, "master-keys"),
      "utf8",
    )
  );
}

/** The secret that signs dashboard sessions. */
export function authSecret(): string {
  const { AUTH_SECRET, LATCHKEY_DATA_DIR } = env();
  return (
    AUTH_SECRET ?? readFileSync(/* turbopackIgnore: true */ path.join(LATCHKEY_DATA_DIR, "auth-secret"), "utf8").trim()
  );
}

/** Certificates (PEM) of the authorities that upstreams may have besides the usual ones; undefined where none are named. */
export function upstreamAuthorities(): string | undefined {
  const { LATCHKEY_UPSTREAM_CA_FILE: file } = env();
  return file && readFileSync(/* turbopackIgnore: true */ file, "utf8");
}

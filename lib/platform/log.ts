import path from "node:path";
import pino from "pino";
import { strikeOutSecrets } from "@/lib/domain/credentials/secrets-in-use";
import { env } from "./env";

/** All that a line may carry besides its level, its time, its process and a fixed sentence. */
export interface LogFields {
  request_id?: string;
  /** As it is declared, never as it was called: a path's parameters stay out. */
  operation?: string;
  status?: number;
  ms?: number;
  organization_id?: string;
  repository_id?: string;
  outcome?: string;
  agent?: string;
  delivery_id?: string;
  rotation_id?: string;
  import_id?: string;
  /** The name of a mirror's folder. */
  mirror?: string;
  /** How many there are in an audit log, and the hash of the last. */
  events?: number;
  head?: string;
  /** Which limit is reached, and for whom. */
  limit?: string;
  key?: string;
  address?: string;
  /** A sentence of ours for the operator. */
  problem?: string;
  /** An error's name and code; its message is not ours to repeat. */
  error?: string;
  /** What Next shows the reader of a page that failed. */
  digest?: string;
  frames?: string[];
}

const ALLOWED: ReadonlySet<string> = new Set(
  Object.keys({
    request_id: true,
    operation: true,
    status: true,
    ms: true,
    organization_id: true,
    repository_id: true,
    outcome: true,
    agent: true,
    delivery_id: true,
    rotation_id: true,
    import_id: true,
    mirror: true,
    events: true,
    head: true,
    limit: true,
    key: true,
    address: true,
    problem: true,
    error: true,
    digest: true,
    frames: true,
  } satisfies Record<keyof LogFields, true>),
);

type Level = "trace" | "debug" | "info" | "warn" | "error" | "fatal";

/**
 * The one sink of log lines, on standard output. Fields that are not named above are dropped, and secrets that the
 * process works with just now are struck out of what is left.
 */
export const log: Record<Level, (fields: LogFields, sentence?: string) => void> = pino({
  level: env().LOG_LEVEL,
  base: { process: path.basename(process.argv[1] ?? "node", ".ts") },
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { log: allowed },
});

function allowed(fields: object): Record<string, unknown> {
  const kept = Object.entries(fields).filter(([name]) => ALLOWED.has(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, clean(value)]));
}

function clean(value: unknown): unknown {
  if (typeof value === "string") return strikeOutSecrets(value);
  if (Array.isArray(value)) return value.map(clean);
  return typeof value === "number" ? value : undefined;
}

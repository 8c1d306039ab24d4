import pg from "pg";
import { Gauge, Registry } from "prom-client";
import { sealedByKey } from "@/lib/domain/vault/count-sealed";
import { SEALED_TABLES } from "@/lib/domain/vault/sealed-tables";

/** What the database answered is good for this long: a scrape that comes sooner gets the same. */
const FRESH_MS = 10_000;
/** A database that is slow to answer must not hold up what the processes have to say. */
const ANSWER_MS = 2_000;

const JOBS = `
  SELECT count(*) FILTER (WHERE locked_at IS NOT NULL)::int AS running,
    count(*) FILTER (WHERE locked_at IS NULL AND attempts >= max_attempts)::int AS given_up,
    count(*) FILTER (WHERE locked_at IS NULL AND attempts < max_attempts AND run_at <= now())::int AS waiting,
    count(*) FILTER (WHERE locked_at IS NULL AND attempts < max_attempts AND run_at > now())::int AS scheduled,
    coalesce(extract(epoch FROM now() - min(run_at) FILTER (
      WHERE locked_at IS NULL AND attempts < max_attempts AND run_at <= now())), 0)::float8 AS oldest
  FROM graphile_worker.jobs`;
const CREDENTIALS = `
  SELECT count(*)::int AS stored,
    count(*) FILTER (WHERE tested_at IS NULL)::int AS untested,
    coalesce(extract(epoch FROM now() - min(coalesce(rotated_at, created_at)) FILTER (WHERE tested_at IS NULL)), 0)::float8
      AS oldest_untested,
    count(*) FILTER (WHERE expires_at <= now())::int AS ended,
    count(*) FILTER (WHERE expires_at <= now() + interval '7 days')::int AS week,
    count(*) FILTER (WHERE expires_at <= now() + interval '30 days')::int AS month
  FROM git_credential`;
const PAUSED = `SELECT count(*)::int AS paused FROM repository WHERE paused_at IS NOT NULL AND deleted_at IS NULL`;
const SEALED = sealedByKey(SEALED_TABLES);

type Numbers<K extends string> = Record<K, number>;

export interface DatabaseGauges {
  /** What the database knows and no process counts. Never throws: one that does not answer is told by `database_up`. */
  read(): Promise<Registry>;
  stop(): Promise<void>;
}

/** Asks the database when somebody wants to know, on one connection of its own. */
export function databaseGauges(connectionString: string): DatabaseGauges {
  const pool = new pg.Pool({
    connectionString,
    max: 1,
    connectionTimeoutMillis: ANSWER_MS,
    statement_timeout: ANSWER_MS,
    query_timeout: ANSWER_MS,
  });
  // An idle connection that the database ended is made anew by the next question.
  pool.on("error", () => undefined);
  let asked: { at: number; answer: Promise<Registry> } | undefined;
  return {
    read() {
      const now = performance.now();
      if (!asked || now - asked.at > FRESH_MS) asked = { at: now, answer: ask(pool).catch(() => silent()) };
      return asked.answer;
    },
    stop: () => pool.end(),
  };
}

async function ask(pool: pg.Pool): Promise<Registry> {
  const rows = async <T extends object>(query: string) => (await pool.query<T>(query)).rows;
  const [[jobs], [credentials], [repositories], sealed] = await Promise.all([
    rows<Numbers<"running" | "given_up" | "waiting" | "scheduled" | "oldest">>(JOBS),
    rows<Numbers<"stored" | "untested" | "oldest_untested" | "ended" | "week" | "month">>(CREDENTIALS),
    rows<Numbers<"paused">>(PAUSED),
    rows<{ key: string; secrets: number }>(SEALED),
  ]);
  const { registry, gauge, gauges } = newGauges();
  gauge("database_up", UP, 1);
  const { oldest, ...states } = jobs!;
  gauges("jobs", "Jobs in the queue: waiting, scheduled (not due yet), running, given_up.", "state", states);
  gauge("jobs_oldest_waiting_seconds", "For how long the job that waits longest has been due.", oldest);
  const { stored, untested, oldest_untested, ended, week, month } = credentials!;
  gauge("credentials", "Stored credentials.", stored);
  gauge("credentials_untested", "Credentials that were not tested since their secret was saved.", untested);
  gauge("credentials_untested_oldest_seconds", "How long ago the oldest of those was saved.", oldest_untested);
  gauges("credentials_expiring", "Credentials that end within so long; those within 0d have ended.", "within", {
    "0d": ended,
    "7d": week,
    "30d": month,
  });
  gauge("repositories_paused", "Repositories whose pulls are paused after refusals.", repositories!.paused);
  const byKey = Object.fromEntries(sealed.map(({ key, secrets }) => [key, secrets]));
  gauges("sealed_secrets", "Sealed secrets by the id of the master key that wraps them.", "master_key", byKey);
  return registry;
}

const UP = "1 where the database answered in time; without it the other gauges on it are missing.";

function silent(): Registry {
  const { registry, gauge } = newGauges();
  gauge("database_up", UP, 0);
  return registry;
}

function newGauges() {
  const registry = new Registry();
  return {
    registry,
    gauge: (name: string, help: string, value: number) =>
      new Gauge({ name: `latchkey_${name}`, help, registers: [registry] }).set(value),
    gauges: (name: string, help: string, label: string, values: Record<string, number>) => {
      const gauge = new Gauge({ name: `latchkey_${name}`, help, labelNames: [label], registers: [registry] });
      for (const [value, number] of Object.entries(values)) gauge.set({ [label]: value }, number);
    },
  };
}

import type { ChildProcess } from "node:child_process";
import type { ServerResponse } from "node:http";
import { AggregatorRegistry, Gauge, Registry, type MetricObjectWithValues, type MetricValue } from "prom-client";
import { errorFacts } from "@/lib/platform/error-facts";
import { log } from "@/lib/platform/log";
import { databaseGauges, type DatabaseGauges } from "@/lib/platform/metrics/database-gauges";
import { ASK_FOR_METRICS, registry as own } from "@/lib/platform/metrics/process-metrics";
import { createWebServer } from "../web/web-server";

type Metrics = MetricObjectWithValues<MetricValue<string>>[];

/** A process that is too busy to answer in this time is reported as down for this scrape. */
const ANSWER_MS = 2_000;

/**
 * Serves `/metrics` for Prometheus, within the limits of the web server: what the launcher and each process count, and
 * what the database knows. Throws an Error for the operator where the port is taken. Returns what ends it.
 */
export async function serveMetrics(
  where: { host: string; port: number },
  databaseUrl: string,
  processes: Readonly<Record<string, ChildProcess>>,
): Promise<() => Promise<void>> {
  const database = databaseGauges(databaseUrl);
  let running: Promise<Registry> | undefined;
  // Scrapes that come at once are one.
  const collectOnce = () => (running ??= collect(database, processes).finally(() => (running = undefined)));
  const server = createWebServer((request, response) => {
    if (request.url === "/metrics" && request.method === "GET") void answer(response, collectOnce());
    else response.writeHead(404).end();
  }, []);
  await new Promise<void>((resolve, reject) => {
    server.once("error", () => reject(new Error(`Port ${where.port} is taken. Set LATCHKEY_METRICS_PORT to another.`)));
    server.listen(where.port, where.host, resolve);
  });
  return async () => {
    server.close();
    server.closeAllConnections();
    await database.stop();
  };
}

async function answer(response: ServerResponse, collected: Promise<Registry>): Promise<void> {
  try {
    const merged = await collected;
    const text = await merged.metrics();
    response.writeHead(200, { "content-type": merged.contentType }).end(text);
  } catch (error) {
    log.error(errorFacts(error), "no metrics");
    response.writeHead(500).end();
  }
}

async function collect(database: DatabaseGauges, processes: Readonly<Record<string, ChildProcess>>): Promise<Registry> {
  const up = new Registry();
  const gauge = new Gauge({
    name: "latchkey_process_up",
    help: "1 where the process answered in time.",
    labelNames: ["process"],
    registers: [up],
  });
  const asked = Object.entries(processes).map(async ([name, child]) => {
    const metrics = await metricsOf(child);
    gauge.set({ process: name }, metrics ? 1 : 0);
    return metrics ?? [];
  });
  const answered = await Promise.all([own.getMetricsAsJSON(), ...asked, (await database.read()).getMetricsAsJSON()]);
  const all = [...answered, await up.getMetricsAsJSON()] as Metrics[];
  // Every value carries its process as a label, so a sum of one value each is that value.
  return AggregatorRegistry.aggregate(
    all.map((metrics) => metrics.map((metric) => ({ ...metric, aggregator: "sum" }))),
  );
}

/** Undefined where the process has no answer in time. */
function metricsOf(child: ChildProcess): Promise<Metrics | undefined> {
  return new Promise((resolve) => {
    const finish = (metrics?: Metrics) => {
      clearTimeout(timer);
      child.off("message", listen);
      resolve(metrics);
    };
    const listen = (message: unknown) => {
      const { metrics } = (message ?? {}) as { metrics?: Metrics };
      if (metrics) finish(metrics);
    };
    const timer = setTimeout(finish, ANSWER_MS);
    child.on("message", listen);
    child.send(ASK_FOR_METRICS, (error) => error && finish());
  });
}

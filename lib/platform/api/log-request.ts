import "server-only";
import type { Actor } from "@/lib/domain/access/actor";
import { strikeOutSecrets } from "@/lib/domain/credentials/secrets-in-use";
import { log } from "@/lib/platform/log";

interface Answered {
  requestId: string;
  /** The path as it is declared. */
  path: string;
  status: number;
  /** By `performance.now()`. */
  started: number;
  actor?: Actor | undefined;
}

/** The one line that every request to the API leaves in the log. */
export function logRequest(request: Request, { requestId, path, status, started, actor }: Answered): void {
  log.info({
    request_id: requestId,
    operation: `${request.method} ${path}`,
    status,
    ms: Math.round(performance.now() - started),
    organization_id: actor?.organizationId,
    agent: clientAgent(request),
  });
}

/** The client's name, from `Code-Storage-Agent`; cut to what a name needs, once nothing in it is a secret any more. */
export function clientAgent(request: Request): string | undefined {
  const sent = request.headers.get("code-storage-agent");
  if (sent === null) return undefined;
  // A header's bytes arrive as one letter each.
  const text = strikeOutSecrets(Buffer.from(strikeOutSecrets(sent), "latin1").toString("utf8"));
  return strikeOutSecrets(text.replace(/[^\x20-\x7e]/g, "")).slice(0, 80);
}

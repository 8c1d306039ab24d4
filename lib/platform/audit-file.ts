import type { ExportedEvent } from "@/lib/domain/audit/export-audit";
import { csvFile, fileOf } from "./file-download";

const COLUMNS = [
  ...["seq", "at", "action", "actor_kind", "actor", "address", "target_kind", "target_id", "request_id", "details"],
  ...["payload", "prev_hash", "hash"],
];

/** Events as a download, written while they are read, with what recomputing the chain needs: docs/verify-audit.mjs. */
export function auditFile(events: AsyncGenerator<ExportedEvent>, format: "jsonl" | "csv", name: string): Response {
  return format === "csv" ? csvFile(rows(events), COLUMNS, name) : fileOf(jsonLines(events), `${name}.jsonl`);
}

async function* jsonLines(events: AsyncGenerator<ExportedEvent>) {
  for await (const { seq, payload, prevHash, hash } of events) {
    yield `${JSON.stringify({ seq, payload, prev_hash: prevHash, hash })}\n`;
  }
}

async function* rows(events: AsyncGenerator<ExportedEvent>) {
  for await (const { seq, payload, prevHash, hash } of events) {
    const event = JSON.parse(payload) as {
      at: string;
      action: string;
      actor: { kind: string; name: string };
      address?: string | null;
      target: { kind: string; id: string };
      request_id: string;
      details: unknown;
    };
    yield [
      ...[seq, event.at, event.action, event.actor.kind, event.actor.name, event.address],
      ...[event.target.kind, event.target.id, event.request_id, JSON.stringify(event.details)],
      ...[payload, prevHash, hash],
    ];
  }
}

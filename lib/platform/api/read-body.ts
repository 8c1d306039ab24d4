import { DomainError } from "@/lib/domain/errors";

export const MAX_BYTES = 64 * 1024;
export const DEADLINE_MS = 10_000;
/** Nothing in the contract is half as deep. */
export const MAX_DEPTH = 8;

/**
 * Reads a JSON body: at most 64 KiB, within 10 s, valid UTF-8, well-formed strings without NUL, at most 8 levels deep. An
 * empty body is `{}`. Throws `body_too_large`, `unsupported_media_type`, `request_timeout` or `invalid_json`.
 */
export async function readJsonBody(request: Request, deadlineMs = DEADLINE_MS): Promise<unknown> {
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BYTES) throw tooLarge();
  const bytes = await readBytes(request, deadlineMs);
  if (bytes.length === 0) return {};
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") {
    throw new DomainError("unsupported_media_type", "Send the body as application/json.");
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new DomainError("invalid_json", "The body is not valid JSON in UTF-8.");
  }
  requireWellFormed(value, MAX_DEPTH);
  return value;
}

async function readBytes(request: Request, deadlineMs: number): Promise<Uint8Array> {
  if (!request.body) return new Uint8Array();
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  let late = false;
  const deadline = setTimeout(() => {
    late = true;
    void reader.cancel().catch(() => undefined);
  }, deadlineMs);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (late) throw new DomainError("request_timeout", "The body took longer than 10 seconds to arrive.");
      if (done) return Buffer.concat(chunks);
      size += value.length;
      if (size > MAX_BYTES) {
        void reader.cancel().catch(() => undefined);
        throw tooLarge();
      }
      chunks.push(value);
    }
  } finally {
    clearTimeout(deadline);
  }
}

/** PostgreSQL stores no NUL and no lone surrogate: such text is refused before it comes near a query. */
function requireWellFormed(value: unknown, depth: number): void {
  if (typeof value === "string" && isMalformed(value)) {
    throw new DomainError("invalid_json", "The body holds text that is malformed: a NUL, or half a character.");
  }
  if (typeof value !== "object" || value === null) return;
  if (depth === 0) throw new DomainError("invalid_json", `The body is nested deeper than ${MAX_DEPTH} levels.`);
  for (const [key, member] of Object.entries(value)) {
    requireWellFormed(key, depth);
    requireWellFormed(member, depth - 1);
  }
}

/** Whether text holds a NUL or a lone surrogate. */
export function isMalformed(text: string): boolean {
  return text.includes("\0") || !text.isWellFormed();
}

function tooLarge(): DomainError {
  return new DomainError("body_too_large", "The body is larger than 64 KiB.");
}

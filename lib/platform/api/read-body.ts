import { DomainError } from "@/lib/domain/errors";

const MAX_BYTES = 64 * 1024;
const DEADLINE_MS = 10_000;

/**
 * Reads a JSON body: at most 64 KiB, within 10 s, valid UTF-8, well-formed strings without NUL. An empty body is `{}`.
 * Throws `body_too_large`, `unsupported_media_type`, `request_timeout` or `invalid_json`.
 */
export async function readJsonBody(request: Request): Promise<unknown> {
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BYTES) throw tooLarge();
  const bytes = await readBytes(request);
  if (bytes.length === 0) return {};
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") {
    throw new DomainError("unsupported_media_type", "Send the body as application/json.");
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes), refuseMalformedText);
  } catch {
    throw new DomainError("invalid_json", "The body is not valid JSON in UTF-8.");
  }
  return value;
}

async function readBytes(request: Request): Promise<Uint8Array> {
  if (!request.body) return new Uint8Array();
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  let late = false;
  const deadline = setTimeout(() => {
    late = true;
    void reader.cancel().catch(() => undefined);
  }, DEADLINE_MS);
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
function refuseMalformedText(key: string, value: unknown): unknown {
  if (isMalformed(key) || (typeof value === "string" && isMalformed(value))) throw new Error("malformed text");
  return value;
}

/** Whether text holds a NUL or a lone surrogate. */
export function isMalformed(text: string): boolean {
  return text.includes("\0") || !text.isWellFormed();
}

function tooLarge(): DomainError {
  return new DomainError("body_too_large", "The body is larger than 64 KiB.");
}

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isMalformed, readJsonBody } from "@/lib/platform/api/read-body";
import { DomainError } from "@/lib/domain/errors";

const post = (body: BodyInit, headers: Record<string, string> = { "content-type": "application/json" }) =>
  new Request("http://localhost/", { method: "POST", headers, body, duplex: "half" } as RequestInit);
const read = (body: BodyInit, headers?: Record<string, string>) => readJsonBody(post(body, headers));
const code = (body: BodyInit, headers?: Record<string, string>) =>
  read(body, headers).then(
    () => "read",
    (error: unknown) => (error instanceof DomainError ? error.code : String(error)),
  );

/** A body that comes in these chunks; one that never ends waits after them. */
function stream(chunks: readonly string[], { ends = true } = {}): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      if (ends) controller.close();
    },
  });
}

describe("a body", () => {
  it("is at most 64 KiB, said or unsaid", async () => {
    const text = (size: number) => JSON.stringify("x".repeat(size - 2));
    expect(await code(text(64 * 1024))).toBe("read");
    expect(await code(text(64 * 1024 + 1))).toBe("body_too_large");
    const pieces = Array.from({ length: 65 }, () => "x".repeat(1024));
    expect(await code(stream(pieces, { ends: false }))).toBe("body_too_large");
  });

  it("arrives in time, or is given up", async () => {
    const slow = readJsonBody(post(stream(['{"id":'], { ends: false })), 20);
    await expect(slow).rejects.toMatchObject({ code: "request_timeout" });
    expect(await code(stream(['{"id":', '"x"}']))).toBe("read");
  });

  it("is at most eight levels deep, however many brackets fit into it", async () => {
    const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
    const objects = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
    expect(await code(nested(8))).toBe("read");
    expect(await code(objects(8))).toBe("read");
    expect(await code(nested(9))).toBe("invalid_json");
    expect(await code(objects(9))).toBe("invalid_json");
    expect(await code(nested(32 * 1024))).toBe("invalid_json");
    await expect(read(nested(9))).rejects.toThrow("nested deeper than 8 levels");
  });

  it("is JSON by its header, in UTF-8, and empty counts as {}", async () => {
    expect(await read("")).toEqual({});
    expect(await read("{}", { "content-type": "Application/JSON; charset=utf-8" })).toEqual({});
    expect(await code("{}", { "content-type": "text/plain" })).toBe("unsupported_media_type");
    expect(await code(new Uint8Array([0x22, 0xff, 0x22]))).toBe("invalid_json");
    expect(await code("\ufeff{}")).toBe("read");
  });

  it("holds no text that a database would stumble over, in names as in values", async () => {
    for (const text of ['"a\\u0000"', '["\\ud800"]', '{"a\\u0000":1}', '{"a":{"b":["\\udfff"]}}']) {
      expect(await code(text), text).toBe("invalid_json");
    }
  });

  it("comes out as it went in, or is refused in words of ours", async () => {
    const arbitrary = fc.json({ maxDepth: 10, stringUnit: "binary" });
    await fc.assert(
      fc.asyncProperty(arbitrary, async (text) => {
        const sent = JSON.parse(text) as unknown;
        const fits = depthOf(sent) <= 8 && textsOf(sent).every((each) => !isMalformed(each));
        const result = await read(text).then(
          (value) => ({ value }),
          (error: unknown) => ({ code: (error as DomainError).code }),
        );
        expect(result).toEqual(fits ? { value: sent } : { code: "invalid_json" });
      }),
    );
  });

  it("is read or refused in words of ours, whatever bytes it has", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        expect(["read", "invalid_json"]).toContain(await code(Uint8Array.from(bytes)));
      }),
    );
  });
});

function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => [name, ...textsOf(member)]);
}

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

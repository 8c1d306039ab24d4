import { pipeline, Readable } from "node:stream";
import { stringify } from "csv-stringify";

const TYPES = { csv: "text/csv; charset=utf-8", jsonl: "application/x-ndjson" } as const;

/** An answer that a browser saves under this name, written while its parts are read. */
export function fileOf(parts: AsyncIterable<string>, name: `${string}.${keyof typeof TYPES}`): Response {
  const ending = name.slice(name.lastIndexOf(".") + 1) as keyof typeof TYPES;
  return new Response(Readable.toWeb(Readable.from(parts, { objectMode: false })) as ReadableStream, {
    headers: {
      "content-type": TYPES[ending],
      "content-disposition": `attachment; filename="${name}"`,
      "cache-control": "private, no-store",
    },
  });
}

/** Rows as CSV under a head. A spreadsheet takes a cell that begins with = + - @ for a formula: such cells are marked. */
export function csvFile(rows: AsyncIterable<unknown[]>, columns: string[], name: string): Response {
  const lines = stringify({ header: true, columns, escape_formulas: true });
  // A failure to read breaks the download off: whoever waits for it is to see that it is not whole.
  pipeline(Readable.from(rows), lines, () => undefined);
  return fileOf(lines as AsyncIterable<string>, `${name}.csv`);
}

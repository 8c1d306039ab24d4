import { CsvError, parse } from "csv-parse/sync";
import { MAX_IMPORT_BYTES, MAX_IMPORT_LINES } from "@/lib/contract/imports";
import { DomainError } from "../errors";

/** A line of values; `line` is its number in the text, from 1. */
export interface GivenLine {
  line: number;
  values: string[];
}

export const MAX_LINE_BYTES = 16 * 1024;

/**
 * Takes CSV apart: values between commas, tabs or semicolons (whatever ends the first one), quoted where they hold one,
 * blanks around them and empty lines left out, and a first line without an address taken for the head of a table. Throws
 * `invalid_request`, in words that hold none of the text.
 */
export function parseLines(text: string): GivenLine[] {
  if (Buffer.byteLength(text) > MAX_IMPORT_BYTES) {
    throw refusal(`This is more than one import takes (${MAX_IMPORT_BYTES / 1024} KiB). Split it.`);
  }
  const lines = records(text).filter(({ values }) => values.some((value) => value !== ""));
  if (lines[0] && !/[./:]/.test(lines[0].values[0]!)) lines.shift();
  if (lines.length === 0) throw refusal("Paste at least one line, or choose a file that has one.");
  if (lines.length > MAX_IMPORT_LINES) {
    throw refusal(`These are ${lines.length} lines, and one import takes ${MAX_IMPORT_LINES}. Split them.`);
  }
  return lines;
}

function records(text: string): GivenLine[] {
  try {
    const parsed = parse(text, {
      bom: true,
      delimiter: /^\s*(?:"[^"]*"|[^",;\t]*?)\s*([,;\t])/.exec(text)?.[1] ?? ",",
      info: true,
      max_record_size: MAX_LINE_BYTES,
      record_delimiter: ["\r\n", "\n", "\r"],
      relax_column_count: true,
      // A quotation mark inside a value that does not begin with one is a part of it, as passwords have them.
      relax_quotes: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as { info: { lines: number }; record: string[] }[];
    return parsed.map(({ info, record }) => ({ line: info.lines, values: record }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error.lines === "number" ? `Line ${error.lines}` : "A line";
    throw refusal(
      error.code === "CSV_MAX_RECORD_SIZE"
        ? `${line} is too long, or a quotation mark before it is never closed.`
        : `${line} has a quotation mark without its other half. Write one that belongs to a value twice, and put the value in quotation marks.`,
    );
  }
}

function refusal(message: string): DomainError {
  return new DomainError("invalid_request", message, { fields: { lines: message } });
}

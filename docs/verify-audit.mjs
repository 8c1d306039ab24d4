// node verify-audit.mjs FILE   checks an unfiltered export of Latchkey's audit log (.jsonl or .csv) without Latchkey.
// Each hash is the SHA-256 of the hash before it (32 bytes, zero at first), the number, a line end, and the payload.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const file = process.argv[2] ?? "";
const text = readFileSync(file, "utf8");
const readLines = () =>
  text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
const events = file.endsWith(".csv") ? readCsv(text) : readLines();
let hash = "00".repeat(32);
for (const [index, event] of events.entries()) {
  const seq = index + 1;
  if (Number(event.seq) !== seq) fail(`event ${seq} is missing; an export with a filter leaves some out`);
  if (event.prev_hash !== hash) fail(`event ${seq} does not follow from the one before it`);
  const bytes = Buffer.concat([Buffer.from(hash, "hex"), Buffer.from(`${seq}\n${event.payload}`)]);
  hash = createHash("sha256").update(bytes).digest("hex");
  if (event.hash !== hash) fail(`event ${seq} is not what was recorded`);
}
// A whole export ends with its own record. What it ends with must be in every later export, and in `audit:verify`.
const last = events.length > 0 ? JSON.parse(events.at(-1).payload).action : undefined;
if (last !== "audit.exported") fail(`the end is missing after event ${events.length}`);
console.log(`whole: ${events.length} events, ends with ${hash}`);

function fail(why) {
  console.log(`BROKEN: ${why}`);
  process.exit(1);
}

function readCsv(csv) {
  const rows = [[]];
  for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)/g)) {
    rows.at(-1).push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === "\n") rows.push([]);
  }
  const [names, ...values] = rows.slice(0, -1);
  return values.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index]])));
}

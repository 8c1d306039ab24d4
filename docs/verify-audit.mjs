// node verify-audit.mjs FILE [HASH]   checks an unfiltered export of Latchkey's audit log (.jsonl or .csv) without Latchkey.
// Each hash is the SHA-256 of the hash before it (32 bytes, zero at first), the number, a line end, and the payload.
// HASH is an end that the log had before, in an earlier export, on the page or in a log line: one event must have it.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

const [file = "", earlier] = process.argv.slice(2);
let [seq, hash, action, found] = [0, "00".repeat(32), "", earlier === undefined];
try {
  for await (const event of file.endsWith(".csv") ? csvEvents() : jsonEvents()) {
    seq += 1;
    if (event.seq !== String(seq)) fail(`event ${seq} is missing; an export with a filter leaves some out`);
    if (event.prev_hash !== hash) fail(`event ${seq} does not follow from the one before it`);
    const bytes = Buffer.concat([Buffer.from(hash, "hex"), Buffer.from(`${seq}\n${event.payload}`)]);
    hash = createHash("sha256").update(bytes).digest("hex");
    if (event.hash !== hash) fail(`event ${seq} is not what was recorded`);
    const recorded = JSON.parse(event.payload);
    const wrong = Object.keys(event).find((name) => event[name] !== shown(name, event, recorded));
    if (wrong !== undefined) fail(`event ${seq} shows another "${wrong}" than was recorded`);
    action = recorded.action;
    found ||= hash === earlier;
  }
} catch (error) {
  fail(`the file cannot be read after event ${seq} (${error.message})`);
}
// A whole export ends with its own record. What it ends with must be in every later export, and in `audit:verify`.
if (action !== "audit.exported") fail(`the end is missing after event ${seq}`);
if (!found) fail(`no event has the hash ${earlier}: the log was cut before it, or made anew`);
console.log(`whole: ${seq} events, ends with ${hash}`);

function fail(why) {
  console.log(`BROKEN: ${why}`);
  process.exit(1);
}

/** What a column of the file says of an event. A cell that a spreadsheet would take for a formula is marked. */
function shown(name, event, { at, action, actor, address, target, request_id, details }) {
  const [target_kind, target_id] = [target.kind, target.id];
  const columns = { at, action, actor_kind: actor.kind, actor: actor.name, target_kind, target_id, request_id };
  if (["seq", "payload", "prev_hash", "hash"].includes(name)) return event[name];
  const value = { ...columns, address: address ?? "", details: JSON.stringify(details) }[name];
  return /^[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/.test(value) ? `'${value}` : value;
}

async function* jsonEvents() {
  for await (const line of lines()) {
    const { seq, payload, prev_hash, hash } = JSON.parse(line);
    const event = { seq, payload, prev_hash, hash };
    if (JSON.stringify(event) !== line) fail(`the line of event ${seq} holds more than was exported`);
    yield { ...event, seq: String(seq) };
  }
}

async function* csvEvents() {
  let [names, record] = [undefined, ""];
  for await (const line of lines()) {
    record += line;
    // A line that ends within quotation marks goes on in the next one.
    if (record.split('"').length % 2 === 0) {
      record += "\n";
      continue;
    }
    const cells = [...`${record},`.matchAll(/(?:"((?:[^"]|"")*)"|([^",]*)),/g)];
    const length = cells.reduce((sum, [cell]) => sum + cell.length, 0);
    if (length !== record.length + 1 || cells.length !== (names ?? cells).length) fail(`odd line after event ${seq}`);
    const values = cells.map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain);
    if (names) yield Object.fromEntries(names.map((name, index) => [name, values[index]]));
    names ??= values;
    record = "";
  }
  if (record !== "") fail(`the end is missing after event ${seq}`);
}

async function* lines() {
  let rest = "";
  for await (const chunk of createReadStream(file, "utf8")) {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop();
    yield* parts;
  }
  if (rest !== "") yield rest;
}

import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** What every marked secret of this run begins with: in all encodings of a secret this part looks alike. */
const COMMON = `marked${randomBytes(6).toString("hex")}`;
const names = new Map<string, string>();

/** A secret that is looked for afterwards, with signs that JSON, addresses and pages write in ways of their own. */
export function mark(name: string): string {
  const own = randomBytes(9).toString("hex");
  names.set(own, name);
  return `${COMMON}/+"%<${own}`;
}

/** The common part as itself, in base64 wherever it stands among other bytes, in hexadecimal, and turned round. */
const FORMS: readonly (readonly [form: string, bytes: Buffer])[] = [
  ["itself", Buffer.from(COMMON)],
  ...[0, 1, 2].map((shift) => {
    // Groups of four that another byte before or behind has no part in.
    const groups = Buffer.from("x".repeat(shift) + COMMON).toString("base64");
    const own = groups.slice(shift === 0 ? 0 : 4, Math.floor((COMMON.length + shift) / 3) * 4);
    return [`base64 at ${shift}`, Buffer.from(own)] as const;
  }),
  ["hexadecimal", Buffer.from(Buffer.from(COMMON).toString("hex"))],
  ["capital hexadecimal", Buffer.from(Buffer.from(COMMON).toString("hex").toUpperCase())],
  ["turned round", Buffer.from([...COMMON].reverse().join(""))],
];

/** Every form in which a marked secret stands in this, with whose it is where that can be read. */
export function marksIn(text: Buffer): string[] {
  return FORMS.flatMap(([form, bytes]) => {
    const at = text.indexOf(bytes);
    if (at < 0) return [];
    const around = text.toString("latin1", at, at + 200);
    return [`${[...names].find(([own]) => around.includes(own))?.[1] ?? "a secret"} as ${form}`];
  });
}

/** The names of the ways to write a secret that the search misses; none, or it is worth nothing. */
export function missedForms(): string[] {
  const secret = mark("planted");
  const html = secret.replaceAll('"', "&quot;").replaceAll("<", "&lt;");
  const ways: Record<string, string> = {
    itself: secret,
    "an address": encodeURIComponent(secret),
    "a form": new URLSearchParams({ secret }).toString(),
    JSON: JSON.stringify({ secret }),
    "JSON in JSON": JSON.stringify(JSON.stringify({ secret })),
    "a page": html,
    "the sign-in of no user": Buffer.from(`:${secret}`).toString("base64"),
    "the sign-in of git": Buffer.from(`git:${secret}`).toString("base64url"),
    "the sign-in of oauth2": Buffer.from(`oauth2:${secret}`).toString("base64"),
    "the sign-in in hexadecimal": Buffer.from(`git:${secret}`).toString("hex"),
    "letters turned round": [...secret].reverse().join(""),
  };
  return Object.keys(ways).filter((way) => marksIn(Buffer.from(ways[way]!)).length === 0);
}

/** What stands in each file below a folder. What comes and goes while processes run is not there for this. */
export function* filesBelow(folder: string): Generator<Buffer> {
  for (const entry of entriesOf(folder)) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(file);
    else if (entry.isFile()) yield* contentOf(file);
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    return gone(error);
  }
}

export function contentOf(file: string): Buffer[] {
  try {
    return [readFileSync(file)];
  } catch (error) {
    return gone(error);
  }
}

/** Nothing, for a file that ended between two looks, and for one of somebody else's in the system's own folders. */
function gone(error: unknown): never[] {
  if (["ENOENT", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
  throw error;
}

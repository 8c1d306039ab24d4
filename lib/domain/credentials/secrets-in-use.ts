import { usernameHint } from "./username-hint";

/** Shorter text is found everywhere by chance; striking it out would make every line unreadable. */
const SHORTEST = 6;
const STRUCK_OUT = "[redacted]";

const shared = globalThis as { latchkeySecretsInUse?: Map<string, number> };
/** How often each form is held just now. One for the process: the pages' bundle and the server's own code share it. */
const inUse = (shared.latchkeySecretsInUse ??= new Map<string, number>());

/**
 * Keeps a secret out of every line that leaves this process by the log or the terminal, in each form that it is written
 * in, until the returned function is called. A username counts where it could be the token itself.
 */
export function holdSecret(password: string, username?: string | null): () => void {
  const forms = formsOf(password, username ?? null);
  for (const form of forms) inUse.set(form, (inUse.get(form) ?? 0) + 1);
  let held = true;
  return () => {
    if (held) for (const form of forms) letGo(form);
    held = false;
  };
}

/** The same for what an `Authorization` header carries. */
export function holdAuthorization(header: string): () => void {
  const [scheme, value = ""] = header.split(" ", 2);
  if (scheme !== "Basic") return holdSecret(value);
  const [username, ...password] = Buffer.from(value, "base64").toString("utf8").split(":");
  return holdSecret(password.join(":"), username);
}

/** The text without any secret that is held just now. */
export function strikeOutSecrets(text: string): string {
  const found = [...inUse.keys()].flatMap((form) => placesOf(form, text)).sort((one, other) => one.start - other.start);
  let clean = "";
  let at = 0;
  for (const { start, end } of found) {
    // Where two overlap, all that either covers is struck out once.
    if (start >= at) clean += text.slice(at, start) + STRUCK_OUT;
    at = Math.max(at, end);
  }
  return clean + text.slice(at);
}

function placesOf(form: string, text: string): { start: number; end: number }[] {
  const places = [];
  for (let start = text.indexOf(form); start >= 0; start = text.indexOf(form, start + 1)) {
    places.push({ start, end: start + form.length });
  }
  return places;
}

function letGo(form: string): void {
  const left = (inUse.get(form) ?? 1) - 1;
  if (left > 0) inUse.set(form, left);
  else inUse.delete(form);
}

function formsOf(password: string, username: string | null): string[] {
  const hidden = username !== null && usernameHint(username) === null ? [username] : [];
  const plain = [password, ...hidden].flatMap((text) => [text, ...inAddresses(text.toWellFormed())]);
  const pair = username === null ? [] : [`${username}:${password}`];
  const encoded = [password, ...hidden, ...pair].flatMap(inBase64);
  return [...new Set([...plain, ...encoded])].filter((form) => form.length >= SHORTEST);
}

/** As a part of an address, as the password in front of a host, and as a form sends it; with either case of digits. */
function inAddresses(text: string): string[] {
  const address = new URL("https://host");
  address.password = text;
  const forms = [encodeURIComponent(text), address.password, new URLSearchParams({ "": text }).toString().slice(1)];
  return forms.flatMap((form) => [form, form.replace(/%[0-9A-F]{2}/g, (byte) => byte.toLowerCase())]);
}

/** Both alphabets, without the filling at the end. */
function inBase64(text: string): string[] {
  const bytes = Buffer.from(text);
  return [bytes.toString("base64").replace(/=+$/, ""), bytes.toString("base64url")];
}

import "server-only";
import { unstable_rethrow } from "next/navigation";
import { z } from "zod";
import { holdSecret } from "@/lib/domain/credentials/secrets-in-use";
import { DomainError } from "@/lib/domain/errors";
import { unknownError } from "@/lib/platform/api/error-response";
import type { FormState } from "./form-state";
import { requestId } from "./request-facts";

/** Never handed back to a form, whatever a declaration says. */
const ALWAYS_SECRET = ["password", "current", "secret", "token", "code"];

/** Runs an action's body on the parsed form and turns every refusal into the form's next state. */
export async function answerForm<S extends z.ZodType, O>(
  declared: { input: S; secretFields?: readonly string[]; fileFields?: readonly string[] },
  form: FormData,
  run: (input: () => z.output<S>) => Promise<O>,
): Promise<FormState<O>> {
  const strings = readStrings(form);
  const unread = await readFiles(form, declared.fileFields ?? [], strings);
  const secret = new Set([...ALWAYS_SECRET, ...(declared.secretFields ?? [])]);
  const releases = Object.entries(strings)
    .filter(([name]) => secret.has(name))
    .map(([, value]) => holdSecret(value, strings.username));
  try {
    return { status: "ok", output: await run(() => parse(declared.input, strings, unread)) };
  } catch (error) {
    unstable_rethrow(error);
    const { message, details } = error instanceof DomainError ? error : unknownError(error, await requestId());
    const values = Object.fromEntries(Object.entries(strings).filter(([name]) => !secret.has(name)));
    return { status: "error", message, fields: details.fields ?? {}, values };
  } finally {
    for (const release of releases) release();
  }
}

/** The form's text fields; files and the fields that React adds are left out. */
function readStrings(form: FormData): Record<string, string> {
  return Object.fromEntries(
    [...form].filter((entry): entry is [string, string] => typeof entry[1] === "string" && !entry[0].startsWith("$")),
  );
}

/** Puts the text of these files among the strings. Returns a sentence for each that holds something else. */
async function readFiles(
  form: FormData,
  names: readonly string[],
  strings: Record<string, string>,
): Promise<Record<string, string>> {
  const unread: Record<string, string> = {};
  for (const name of names) {
    const file = form.get(name);
    if (!(file instanceof File)) continue;
    try {
      strings[name] = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
    } catch {
      unread[name] = "This file is not text in UTF-8. Save it as CSV UTF-8.";
    }
  }
  return unread;
}

function parse<S extends z.ZodType>(
  schema: S,
  strings: Record<string, string>,
  unread: Record<string, string>,
): z.output<S> {
  const fields = { ...unread };
  // PostgreSQL has no place for it in text, and would answer with an error of its own.
  for (const [name, value] of Object.entries(strings)) {
    if (value.includes("\0")) fields[name] = "This holds a character that cannot be stored.";
  }
  const result = schema.safeParse(strings);
  if (result.success && Object.keys(fields).length === 0) return result.data;
  for (const issue of result.error?.issues ?? []) fields[issue.path.join(".") || "form"] ??= sentence(issue.message);
  throw new DomainError("invalid_request", "Some fields need another look.", { fields });
}

function sentence(message: string): string {
  return message.startsWith("Invalid") ? "Fill in this field." : message;
}

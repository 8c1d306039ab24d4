import { readFileSync } from "node:fs";
import path from "node:path";
import type { APIRequestContext } from "@playwright/test";

interface Manifest {
  node: Record<string, { filename: string; exportedName: string }>;
  edge: Record<string, unknown>;
}

/** Every server action of the build, as `(group)/path#export`, and the id that a browser calls it by. */
export function serverActions(): Map<string, string> {
  const file = path.join(".next", "server", "server-reference-manifest.json");
  const { node, edge } = JSON.parse(readFileSync(file, "utf8")) as Manifest;
  if (Object.keys(edge).length > 0)
    throw new Error("There are server actions on the edge, which nothing here looks at.");
  return new Map(
    Object.entries(node).map(([id, { filename, exportedName }]) => [
      `${filename.replace(/^app\//, "").replace(/\/?actions\.ts$/, "")}#${exportedName}`,
      id,
    ]),
  );
}

export interface ActionCall {
  id: string;
  /** The page that the action belongs to. */
  path: string;
  /** What comes before the form: the organization's slug. */
  bound?: readonly string[];
  /** A form's fields; absent for an action that takes none. */
  fields?: Record<string, string>;
  /** Whether the action also takes the form's state before, as `useActionState` has it; most do. */
  stateless?: boolean;
}

export interface ActionAnswer {
  status: number;
  /** Where the action sent the browser. */
  to: string | undefined;
  /** The answer as it came, the action's result in it. */
  text: string;
}

/** Calls a server action as Next's own client does, over HTTP. */
export async function callAction(request: APIRequestContext, call: ActionCall): Promise<ActionAnswer> {
  const { id, path: page, bound = [], fields, stateless } = call;
  const body = new FormData();
  for (const [name, value] of Object.entries(fields ?? {})) body.append(`_1_${name}`, value);
  const form = fields ? [...(stateless ? [] : [{ status: "idle" }]), "$K1"] : [];
  // React reads the parts of a form before what refers to them.
  body.append("0", JSON.stringify([...bound, ...form]));
  const response = await request.post(page, {
    headers: { "next-action": id, accept: "text/x-component" },
    multipart: body,
    maxRedirects: 0,
  });
  const to = response.headers()["x-action-redirect"]?.split(";")[0] ?? response.headers().location;
  return { status: response.status(), to, text: await response.text() };
}

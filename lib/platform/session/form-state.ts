/** What a server action hands back to its form. `values` are the typed strings, never the secret ones. */
export type FormState<O = unknown> =
  | { status: "idle" }
  | { status: "ok"; output: O }
  | { status: "error"; message: string; fields: Record<string, string>; values: Record<string, string> };

export const IDLE = { status: "idle" } as const satisfies FormState;

/** What the log may know of any error: an error's message can hold the values that a statement was given, so it stays out. */
export interface ErrorFacts {
  /** Its name, and its code where it has one. */
  error: string;
  /** Where it was thrown. */
  frames: string[];
  /** What Next shows the reader of a page that failed. */
  digest?: string;
}

/** The facts of whatever was thrown. */
export function errorFacts(error: unknown): ErrorFacts {
  if (!(error instanceof Error)) return { error: typeof error, frames: [] };
  const { code, digest } = error as { code?: unknown; digest?: unknown };
  return {
    error: typeof code === "string" ? `${error.name} ${code}` : error.name,
    frames: frames(error),
    ...(typeof digest === "string" && { digest }),
  };
}

/** The stack's lines without the message above them. */
function frames({ stack = "" }: Error): string[] {
  return stack
    .split("\n")
    .filter((line) => /^ {4}at /.test(line))
    .slice(0, 12);
}

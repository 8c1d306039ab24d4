import { z } from "zod";
import type { ProviderName } from "./providers";
import { outcomeSentence, type TestOutcome } from "./test-outcome";

/** What one import takes. */
export const MAX_IMPORT_LINES = 1_000;
export const MAX_IMPORT_BYTES = 512 * 1024;
/** How long lines wait, sealed, for somebody to begin. */
export const IMPORT_WAITS_MINUTES = 60;

export const IMPORT_ITEM_STATES = [
  "failed",
  "without_credential",
  "unusable",
  "waiting",
  "imported",
  "there",
  "cancelled",
] as const;

export type ImportItemState = (typeof IMPORT_ITEM_STATES)[number];

export type ImportCounts = Record<ImportItemState, number>;

/** Why a line cannot be imported, with what to do about it. */
const PROBLEMS = {
  address: "The first value is no clone address: a host, an owner and a name, as in https://gitlab.com/acme/app.git.",
  values: "There are more than four values. One that holds a comma stands in quotation marks.",
  order: "The name or the username looks like a token. The order is: clone address, username, secret, name.",
  provider: "The host's name does not tell which software it runs. Choose it beside the lines.",
  denied: "The host is a local or private address. The operator of Latchkey can allow it with LATCHKEY_EGRESS_ALLOW.",
  name: "The name is none that a repository can have: letters, digits, dots, underscores, hyphens and slashes.",
  username: "The username holds a colon or a control character, or is longer than 255 characters.",
  secret: "The secret holds a line break or another control character, or is longer than 4096 bytes.",
  no_secret: "There is a username and no secret.",
  two_sign_ins: "There is a sign-in in the address and another beside it. Leave one of them out.",
  wrong_secret:
    "The secret looks like one that this host does not take. Add it on the repository's page if it is right.",
  github_secret: "Repositories on GitHub take no stored credential. Leave username and secret out.",
  doubled: "A line above is for the same repository.",
  name_doubled: "A line above has the same name. Name this repository in a fourth value.",
  name_taken: "Another repository has this name already. Name this one in a fourth value.",
} as const;

export type ImportProblem = keyof typeof PROBLEMS;

/** An import as the dashboard's components get it. */
export interface ImportRow {
  id: string;
  requestedBy: string;
  createdAt: Date;
  /** Null while it is looked at. */
  startedAt: Date | null;
  finishedAt: Date | null;
  cancelledAt: Date | null;
}

/** A line of it; never its sign-in. */
export interface ImportItemRow {
  line: number;
  repositoryName: string | null;
  upstream: { provider: ProviderName; host: string; owner: string; name: string; url: string } | null;
  secretGiven: boolean;
  /** Whether the repository was there before the import. */
  repositoryExists: boolean;
  state: ImportItemState;
  outcome: TestOutcome | null;
  /** An `ImportProblem`, or a word of the contract's errors. */
  code: string | null;
}

/** What is to come of a line or came of it, in a sentence or two. */
export function importItemSentence(item: Omit<ImportItemRow, "line">): string {
  const { state, upstream, secretGiven, repositoryExists, outcome } = item;
  switch (state) {
    case "unusable":
      return PROBLEMS[item.code as ImportProblem];
    case "waiting":
      if (repositoryExists) return "The repository is there. Its credential is to be tested and stored.";
      return secretGiven
        ? "The repository is to be created, its credential tested and stored."
        : "The repository is to be created without a credential.";
    case "imported":
      return importedSentence(item);
    case "there":
      return secretGiven
        ? "Already there, with a credential. Nothing was changed."
        : "Already there. Nothing was changed.";
    case "without_credential":
      return `${upstream && outcome ? refusalSentence(outcome, upstream) : ""} The repository is kept without a credential: add one on its page, or correct the line and import it again.`.trim();
    case "failed":
      return FAILURES[item.code ?? ""] ?? "It could not be saved. Import the same lines again.";
    case "cancelled":
      return "Cancelled before its turn.";
  }
}

function importedSentence({ upstream, secretGiven, repositoryExists, outcome }: Omit<ImportItemRow, "line">): string {
  const made = repositoryExists ? "The repository was there." : "Created.";
  if (!secretGiven) return `${made} No credential was given.`;
  if (!outcome || !upstream) return `${made} The credential is stored.`;
  return `${made} The credential is stored. ${outcomeSentence(outcome, { reason: null, ...upstream })}`;
}

function refusalSentence(outcome: TestOutcome, upstream: { provider: ProviderName; host: string }): string {
  // Why a host could not be reached is not kept.
  if (outcome === "unreachable") return `${upstream.host} could not be reached.`;
  return outcomeSentence(outcome, { reason: null, ...upstream });
}

const FAILURES: Record<string, string> = {
  repository_exists: PROBLEMS.name_taken,
  credential_unreadable: "The line's secret cannot be opened any more. Import it again.",
  conflict: "The repository was changed meanwhile. Import the line again.",
  not_found: "The repository was deleted meanwhile. Import the line again.",
};

/** Software that may run on a host whose name does not tell it. */
export const OTHER_HOSTS = ["gitlab", "gitea", "forgejo", "bitbucket"] as const satisfies readonly ProviderName[];

/** The dashboard's forms. A file comes as the text that is in it. */
export const importLinesForm = z
  .object({
    lines: z.string().max(MAX_IMPORT_BYTES, "This is more than one import takes (512 KiB). Split it.").default(""),
    file: z.string().optional(),
    provider: z.union([z.literal(""), z.enum(OTHER_HOSTS)]).default(""),
  })
  .refine(({ lines, file }) => !(lines.trim() && file), {
    path: ["file"],
    message: "Paste lines or choose a file, not both.",
  });
export const importForm = z.object({ id: z.string().min(1) });

export const importPageQuery = z.object({ page: z.coerce.number().int().min(1).max(1_000).catch(1) });

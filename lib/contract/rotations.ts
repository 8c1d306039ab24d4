import { z } from "zod";
import { checkbox } from "./checkbox";
import { password } from "./credentials";
import { TEST_OUTCOMES, type TestOutcome } from "./test-outcome";

export const ROTATION_ITEM_STATES = ["waiting", "rotated", "kept", "failed", "cancelled"] as const;

export type RotationItemState = (typeof ROTATION_ITEM_STATES)[number];

export type RotationCounts = Record<RotationItemState, number>;

/** A rotation as the dashboard's components get it. */
export interface RotationRow {
  id: string;
  host: string;
  requestedBy: string;
  createdAt: Date;
  finishedAt: Date | null;
  cancelledAt: Date | null;
  counts: RotationCounts;
}

export interface RotationItemRow {
  credentialId: string;
  repositoryName: string;
  state: RotationItemState;
  outcome: TestOutcome | null;
  code: string | null;
  at: Date | null;
}

const REFUSALS: Partial<Record<TestOutcome, string>> = {
  rejected: "refused the new one (401)",
  scope_too_small: "did not let the new one read this repository (403)",
  no_access: "shows no such repository to the new one (404)",
  unreachable: "could not be reached",
  not_git: "did not answer as a Git server does",
};

/** What came of it at one repository, in a sentence. */
export function rotationItemSentence(
  { state, outcome, code }: Pick<RotationItemRow, "state" | "outcome" | "code">,
  { host }: { host: string },
): string {
  switch (state) {
    case "waiting":
      return "Not tested yet. The old secret is in use.";
    case "rotated":
      return "The new secret passed its test and is in use.";
    case "cancelled":
      return "Cancelled before its test. The old secret stays in use.";
    case "kept":
      if (code === "conflict") return "Another secret was put here meanwhile. It stays in use.";
      if (outcome === "reads_only") return "The new secret may not write here, and the old one may. It stays in use.";
      return `The old secret stays in use: ${host} ${outcome && REFUSALS[outcome] ? REFUSALS[outcome] : "did not take the new one"}.`;
    case "failed":
      if (code === "conflict") return `The repository is not on ${host} any more. The new secret was not sent.`;
      return code === "not_found"
        ? "The repository or its credential is gone."
        : "The old secret cannot be opened, so its username is not known. Rotate this one by itself.";
  }
}

/** The dashboard's forms. */
export const rotateAllForm = z.object({
  id: z.string().min(1),
  password,
  sure: checkbox.refine((ticked) => ticked === "on", "Tick this to rotate all of them."),
});
export const rotationForm = z.object({ id: z.string().min(1) });

export const rotationPageQuery = z.object({ page: z.coerce.number().int().min(1).max(10_000).catch(1) });

/** The API's. */
export const rotateMatchingBody = z.object({
  id: z.string("id is required, as text.").min(1, "id is required.").max(255, "id is too long."),
  password,
});

export const rotationAccepted = z.object({ id: z.string(), total: z.number() });

export const rotationQuery = z.object({
  page: z
    .string()
    .regex(/^[1-9]\d{0,3}$/, "page is a whole number from 1.")
    .transform(Number)
    .optional(),
});

export const rotationObject = z.object({
  id: z.string(),
  state: z.enum(["running", "finished", "cancelled"]),
  created_at: z.string(),
  finished_at: z.string().nullable(),
  counts: z.object(Object.fromEntries(ROTATION_ITEM_STATES.map((state) => [state, z.number()]))),
  /** A hundred of them a page. */
  repositories: z.array(
    z.object({
      repo_name: z.string(),
      credential_id: z.string(),
      state: z.enum(ROTATION_ITEM_STATES),
      outcome: z.enum(TEST_OUTCOMES).nullable(),
    }),
  ),
});

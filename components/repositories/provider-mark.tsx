import type { ProviderName } from "@/lib/contract/providers";

const MARKS: Record<ProviderName, string> = {
  github: "GH",
  gitlab: "GL",
  bitbucket: "BB",
  gitea: "GT",
  forgejo: "FJ",
  codeberg: "CB",
  "sr.ht": "SH",
};

/** A provider at a glance. Its name stands beside it in words. */
export function ProviderMark({ provider }: { provider: ProviderName }) {
  return (
    <span
      aria-hidden
      className="inline-flex size-6 shrink-0 items-center justify-center rounded border border-border bg-sunken font-mono text-[0.625rem] font-semibold text-muted"
    >
      {MARKS[provider]}
    </span>
  );
}

import { CodeBlock } from "@/components/ui/code-block";

/** Recovery codes, this once. */
export function RecoveryCodes({ codes }: { codes: readonly string[] }) {
  return (
    <div className="max-w-sm space-y-2 text-sm">
      <p>
        Without the app, each of these recovery codes lets you in once. Keep them where you keep your passwords; they
        are not shown again.
      </p>
      <CodeBlock code={codes.join("\n")} what="the recovery codes" />
    </div>
  );
}

import { CopyButton } from "./copy-button";

/** A command or a piece of code; scrolls by itself and can be copied whole. */
export function CodeBlock({ code, what }: { code: string; what: string }) {
  return (
    <div className="relative rounded-md border border-border bg-sunken">
      <pre tabIndex={0} role="region" aria-label={what} className="overflow-x-auto p-3 pr-11 text-xs leading-relaxed">
        <code className="font-mono">{code}</code>
      </pre>
      <div className="absolute top-1.5 right-1.5 rounded bg-sunken">
        <CopyButton text={code} what={what} />
      </div>
    </div>
  );
}

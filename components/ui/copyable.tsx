import { CopyButton } from "./copy-button";

/** An id, a host or a command, in mono, with its copy button. */
export function Copyable({ text, what }: { text: string; what: string }) {
  return (
    <span className="inline-flex max-w-full items-center gap-1">
      <code className="min-w-0 font-mono text-[0.8125rem] break-all">{text}</code>
      <CopyButton text={text} what={what} />
    </span>
  );
}

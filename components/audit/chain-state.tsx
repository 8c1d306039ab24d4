import { CopyButton } from "@/components/ui/copy-button";
import { Notice } from "@/components/ui/notice";
import { RefreshWhile } from "@/components/ui/refresh-while";
import { RelativeTime } from "@/components/ui/relative-time";
import type { FormAction } from "@/components/ui/action-form";
import { CHAIN_BREAKS, type ChainCheck } from "@/lib/contract/audit-chain";
import { CheckChainForm } from "./check-chain-form";

/** Whether every event still is as it was recorded, by the last check. */
export function ChainState({ check: { checked, waiting }, action }: { check: ChainCheck; action: FormAction<void> }) {
  return (
    <Notice tone={checked?.broken ? "warn" : checked ? "ok" : "info"} status className="mb-4">
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <p>
          <Sentence checked={checked} />
          {waiting && " It is being checked now."}
        </p>
        {waiting ? <RefreshWhile active /> : <CheckChainForm action={action} />}
      </div>
    </Notice>
  );
}

function Sentence({ checked }: Pick<ChainCheck, "checked">) {
  if (!checked) return <>Whether the log is whole was not checked yet.</>;
  const { at, events, broken, head } = checked;
  if (broken) {
    return (
      <>
        <strong className="font-medium">The log is not as it was recorded.</strong>{" "}
        {CHAIN_BREAKS[broken.why](broken.seq)} Found <RelativeTime date={at} />. Keep a copy of the database, and
        compare with an older export.
      </>
    );
  }
  return (
    <>
      The log is whole: {events} {events === 1 ? "event" : "events"}, checked <RelativeTime date={at} />.
      {head && (
        <>
          {" "}
          Its last hash is <code className="font-mono text-[0.8125rem]">{head.slice(0, 12)}…</code>
          <CopyButton text={head} what="the last hash" /> Keep it elsewhere: a log that lacks it later was cut or made
          anew.
        </>
      )}
    </>
  );
}

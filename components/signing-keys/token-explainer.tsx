"use client";

import { CircleCheck } from "lucide-react";
import { useId, useRef, useState, type FormEvent } from "react";
import { buttonStyle } from "@/components/ui/button-style";
import { CodeBlock } from "@/components/ui/code-block";
import { controlStyle } from "@/components/ui/control-style";
import { FieldFrame } from "@/components/ui/field-frame";
import { Notice } from "@/components/ui/notice";
import type { KnownKey, TokenExplanation } from "@/lib/contract/explain-token";
import { SCOPES, type Scope } from "@/lib/contract/scopes";
import type { TokenPolicy } from "@/lib/contract/token-claims";

interface TokenExplainerProps {
  organization: string;
  keys: readonly KnownKey[];
  policy: TokenPolicy;
}

/** Says what the API makes of a pasted token, here in the browser: the token is neither sent nor kept. */
export function TokenExplainer({ organization, keys, policy }: TokenExplainerProps) {
  const id = useId();
  // Without a name it is in no form that is sent, not even one that is sent before this code runs.
  const pasted = useRef<HTMLTextAreaElement>(null);
  const [explanation, setExplanation] = useState<TokenExplanation>();

  async function explain(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const token = pasted.current?.value ?? "";
    const { explainToken } = await import("@/lib/contract/explain-token");
    const scope = (form.get("scope") as Scope | "") || null;
    const repository = (form.get("repository") as string).trim();
    setExplanation(await explainToken(token, { organization, keys, policy, now: new Date(), scope, repository }));
  }

  return (
    <>
      <p className="scripted-hidden text-sm text-muted">
        This part needs JavaScript: the token must not leave your browser. The API&apos;s own answer says why it refuses
        a token, too.
      </p>
      <form
        onSubmit={(event) => void explain(event)}
        method="post"
        aria-label="Check a token"
        className="scripted max-w-xl space-y-5"
      >
        <FieldFrame id={`${id}-token`} label="Token" hint="It is read here in your browser, and neither sent nor kept.">
          <textarea
            id={`${id}-token`}
            ref={pasted}
            rows={5}
            placeholder="eyJ…"
            autoComplete="off"
            spellCheck={false}
            aria-describedby={`${id}-token-hint`}
            className={controlStyle("font-mono break-all")}
          />
        </FieldFrame>
        <FieldFrame id={`${id}-scope`} label="Needed scope">
          <select id={`${id}-scope`} name="scope" className={controlStyle("w-auto!")}>
            <option value="">Any</option>
            {SCOPES.map((scope) => (
              <option key={scope}>{scope}</option>
            ))}
          </select>
        </FieldFrame>
        <FieldFrame id={`${id}-repository`} label="Repository" optional hint="The one that it is to be used for.">
          <input
            id={`${id}-repository`}
            name="repository"
            autoComplete="off"
            spellCheck={false}
            className={controlStyle("font-mono")}
          />
        </FieldFrame>
        <button type="submit" className={buttonStyle("primary")}>
          Check token
        </button>
      </form>
      <div role="status" className="mt-5 max-w-xl space-y-4 empty:hidden">
        {explanation && <Explanation {...explanation} />}
      </div>
    </>
  );
}

function Explanation({ status, words, passed, header, payload }: TokenExplanation) {
  return (
    <>
      <Notice tone={status === null ? "ok" : "warn"}>
        <p className="font-medium">{status === null ? "Accepted" : `Refused with ${status}`}</p>
        <p className="break-words">{words}</p>
      </Notice>
      {passed.length > 0 && (
        <ul aria-label="What is right with it" className="space-y-1.5 text-sm">
          {passed.map((sentence) => (
            <li key={sentence} className="flex gap-2">
              <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-ok" />
              <span className="min-w-0 break-words">{sentence}</span>
            </li>
          ))}
        </ul>
      )}
      {payload !== undefined && (
        <CodeBlock what="what stands in the token" code={JSON.stringify({ header, payload }, null, 2)} />
      )}
    </>
  );
}

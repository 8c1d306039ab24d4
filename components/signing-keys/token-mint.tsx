"use client";

import { useId, useRef, useState, type FormEvent } from "react";
import { buttonStyle } from "@/components/ui/button-style";
import { CodeBlock } from "@/components/ui/code-block";
import { controlStyle } from "@/components/ui/control-style";
import { FieldFrame } from "@/components/ui/field-frame";
import { SCOPES, type Scope } from "@/lib/contract/scopes";
import { minutesWords, type TokenPolicy } from "@/lib/contract/token-claims";

const MINUTES = [15, 60, 8 * 60];

/** Signs a short token here in the browser, for a first try with curl. The private key is neither sent nor kept. */
export function TokenMint({ organization, policy }: { organization: string; policy: TokenPolicy }) {
  const { audience, maxMinutes } = policy;
  const choices = MINUTES.filter((minutes) => minutes <= (maxMinutes ?? Infinity));
  const id = useId();
  // Without a name it is in no form that is sent, not even one that is sent before this code runs.
  const privateKey = useRef<HTMLTextAreaElement>(null);
  const [token, setToken] = useState("");
  const [error, setError] = useState("");

  async function mint(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const scopes = form.getAll("scope") as Scope[];
    setToken("");
    if (scopes.length === 0) return setError("Tick at least one scope.");
    try {
      const { signToken } = await import("@/lib/contract/sign-token");
      const wish = { organization, audience, subject: "dashboard", scopes, seconds: Number(form.get("minutes")) * 60 };
      setToken(
        await signToken({
          ...wish,
          repository: (form.get("repository") as string).trim() || "org",
          privateKeyPem: privateKey.current?.value ?? "",
        }),
      );
      setError("");
    } catch {
      setError("This is not a private key in PKCS#8 form. It begins with -----BEGIN PRIVATE KEY-----.");
    }
    if (privateKey.current) privateKey.current.value = "";
  }

  return (
    <>
      <p className="scripted-hidden text-sm text-muted">
        This part needs JavaScript: the key must not leave your browser. In a shell, use{" "}
        <code className="font-mono">npm run token</code>.
      </p>
      <form
        onSubmit={(event) => void mint(event)}
        method="post"
        aria-label="Make a token"
        className="scripted max-w-xl space-y-5"
      >
        <p className="text-sm text-muted">
          For a first try. The token is signed here in your browser; the private key is neither sent nor kept.
        </p>
        <FieldFrame id={`${id}-key`} label="Private key" error={error}>
          <textarea
            id={`${id}-key`}
            ref={privateKey}
            rows={5}
            placeholder="-----BEGIN PRIVATE KEY-----"
            autoComplete="off"
            spellCheck={false}
            aria-describedby={`${id}-key-error`}
            className={controlStyle("font-mono")}
          />
        </FieldFrame>
        <FieldFrame
          id={`${id}-repository`}
          label="Repository"
          optional
          hint="A name or an id; empty for the whole organization."
        >
          <input
            id={`${id}-repository`}
            name="repository"
            autoComplete="off"
            spellCheck={false}
            className={controlStyle("font-mono")}
          />
        </FieldFrame>
        <fieldset>
          <legend className="text-sm font-medium">Scopes</legend>
          <div className="mt-1.5 flex flex-wrap gap-x-5 gap-y-2">
            {SCOPES.map((scope) => (
              <label key={scope} className="flex items-center gap-2 font-mono text-[0.8125rem]">
                <input type="checkbox" name="scope" value={scope} defaultChecked={scope === "repo:write"} />
                {scope}
              </label>
            ))}
          </div>
        </fieldset>
        <FieldFrame id={`${id}-minutes`} label="Good for">
          <select
            id={`${id}-minutes`}
            name="minutes"
            defaultValue={Math.min(60, choices.at(-1)!)}
            className={controlStyle("w-auto!")}
          >
            {choices.map((minutes) => (
              <option key={minutes} value={minutes}>
                {minutesWords(minutes)}
              </option>
            ))}
          </select>
        </FieldFrame>
        <button type="submit" className={buttonStyle("secondary")}>
          Make token
        </button>
        <div role="status" className="empty:hidden">
          {token && <CodeBlock what="the token" code={token} />}
        </div>
      </form>
    </>
  );
}

import { ExternalLink } from "lucide-react";
import { Panel } from "@/components/ui/panel";
import { PROVIDER_FACTS } from "@/lib/contract/provider-facts";
import type { ProviderName } from "@/lib/contract/providers";

/** What the host wants of a token, and what happens to it here. */
export function ProviderGuide({ provider, host }: { provider: ProviderName; host: string }) {
  const { label, scopes, tokenPage, kinds, expiry } = PROVIDER_FACTS[provider];
  return (
    <div className="space-y-5">
      {tokenPage && (
        <Panel title={`A token on ${label}`}>
          <div className="space-y-3 text-sm">
            <p>{kinds}</p>
            <div>
              <p className="text-muted">Tick these scopes:</p>
              <ul className="mt-1.5 space-y-1">
                {scopes.map(({ name, allows }) => (
                  <li key={name}>
                    <code className="font-mono text-[0.8125rem] wrap-anywhere">{name}</code>{" "}
                    <span className="text-muted">to {allows}</span>
                  </li>
                ))}
              </ul>
            </div>
            <p className="text-muted">{expiry}</p>
            <p>
              <a
                href={tokenPage(host)}
                rel="noreferrer"
                target="_blank"
                className="inline-flex items-center gap-1.5 text-accent underline underline-offset-4"
              >
                Make one on {host}
                <ExternalLink aria-hidden className="size-3.5" />
                <span className="sr-only">(opens in a new tab)</span>
              </a>
            </p>
          </div>
        </Panel>
      )}
      <Panel title="What happens next">
        <ol className="list-decimal space-y-1.5 pl-4 text-sm">
          <li>The secret is sealed with a key that is not in the database, for this upstream alone.</li>
          <li>It is used when Latchkey talks to {host} for this repository, and for nothing else.</li>
          <li>Nobody can read it back. To change it, rotate; to end it, remove.</li>
        </ol>
      </Panel>
    </div>
  );
}

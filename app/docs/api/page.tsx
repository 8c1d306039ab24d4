import type { Metadata } from "next";
import Link from "next/link";
import { OperationSection } from "@/components/api-reference/operation-section";
import { TokenSection } from "@/components/api-reference/token-section";
import { CodeBlock } from "@/components/ui/code-block";
import { Logo } from "@/components/ui/logo";
import { PageHeader } from "@/components/ui/page-header";
import { operations, type Operation } from "@/lib/contract/operations";
import { env } from "@/lib/platform/env";

export const metadata: Metadata = { title: "API reference" };

export default function ApiReferencePage() {
  const all = Object.entries(operations) as [string, Operation][];
  return (
    <main className="mx-auto w-full max-w-3xl px-4 py-8 sm:px-6">
      <Link href="/" className="mb-8 inline-flex items-center gap-2.5 font-semibold tracking-tight">
        <Logo className="size-5" />
        Latchkey
      </Link>
      <PageHeader title="API reference">
        JSON over HTTPS, with a signed token on every request. The same is at{" "}
        <a href="/api/openapi.json" className="text-accent underline underline-offset-4">
          /api/openapi.json
        </a>{" "}
        as an OpenAPI 3.1 document.
      </PageHeader>
      <CodeBlock what="the base address" code={`${env().LATCHKEY_URL}/api`} />
      <TokenSection />
      <nav aria-label="Operations" className="mt-8 rounded-lg border border-border bg-raised p-5">
        <ul className="space-y-1.5 text-sm">
          {all.map(([id, { method, path, summary }]) => (
            <li key={id}>
              <a href={`#${id}`} className="flex flex-wrap gap-x-3 hover:underline">
                <code className="w-14 font-mono text-xs leading-5 text-muted">{method}</code>
                <code className="font-mono text-xs leading-5 break-all">{path}</code>
                <span className="text-muted">{summary}</span>
              </a>
            </li>
          ))}
        </ul>
      </nav>
      {all.map(([id, operation]) => (
        <OperationSection key={id} id={id} operation={operation} />
      ))}
    </main>
  );
}

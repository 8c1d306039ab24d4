"use client";

import { buttonStyle } from "@/components/ui/button-style";
import { PageHeader } from "@/components/ui/page-header";

/** A page that failed. What failed is in the log under the digest; nothing of it is shown. */
export default function ErrorPage({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <main className="mx-auto max-w-md px-6 py-24">
      <PageHeader title="This page could not be shown">
        Something went wrong on our side, and nothing was changed. Try again; if it stays, tell whoever operates this
        Latchkey{error.digest ? ` and quote ${error.digest}` : ""}.
      </PageHeader>
      <button type="button" onClick={reset} className={buttonStyle("primary")}>
        Try again
      </button>
    </main>
  );
}

import Link from "next/link";
import type { ReactNode } from "react";
import { Logo } from "@/components/ui/logo";

export default function AccountLayout({ children }: { children: ReactNode }) {
  return (
    <main className="mx-auto w-full max-w-2xl px-4 py-8 sm:px-6">
      <Link href="/" className="mb-8 inline-flex items-center gap-2.5 font-semibold tracking-tight">
        <Logo className="size-5" />
        Latchkey
      </Link>
      {children}
    </main>
  );
}

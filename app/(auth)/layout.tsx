import type { ReactNode } from "react";
import { Logo } from "@/components/ui/logo";

export default function AuthLayout({ children }: { children: ReactNode }) {
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-sm flex-col justify-center px-5 py-12">
      <p className="mb-8 flex items-center gap-2.5 font-semibold tracking-tight">
        <Logo className="size-6" />
        Latchkey
      </p>
      {children}
    </main>
  );
}

import { clsx } from "clsx";
import { Monitor, Moon, Sun } from "lucide-react";
import type { Theme } from "@/lib/contract/theme";

const CHOICES = [
  { value: "system", label: "Like the system", icon: Monitor },
  { value: "light", label: "Light", icon: Sun },
  { value: "dark", label: "Dark", icon: Moon },
] as const;

/** Light, dark, or as the system has it. */
export function ThemeSwitch({ theme, setTheme }: { theme: Theme; setTheme: (form: FormData) => Promise<void> }) {
  return (
    <form action={setTheme} aria-label="Theme" className="flex items-center gap-1 border-b border-border p-1 pb-2">
      {CHOICES.map(({ value, label, icon: Icon }) => (
        <button
          key={value}
          type="submit"
          name="theme"
          value={value}
          aria-pressed={theme === value}
          title={label}
          className={clsx(
            "inline-flex min-h-8 flex-1 items-center justify-center rounded",
            theme === value ? "bg-sunken text-text" : "text-muted hover:bg-sunken",
          )}
        >
          <Icon aria-hidden className="size-4" />
          <span className="sr-only">{label}</span>
        </button>
      ))}
    </form>
  );
}

import type { Config } from "tailwindcss";

// Colours are meanings, defined once for light and dark in app/globals.css.
const token = (name: string) => `var(--color-${name})`;

export default {
  content: ["./app/**/*.tsx", "./components/**/*.tsx"],
  theme: {
    extend: {
      colors: {
        surface: token("surface"),
        raised: token("raised"),
        sunken: token("sunken"),
        border: token("border"),
        strong: token("strong"),
        text: token("text"),
        muted: token("muted"),
        accent: token("accent"),
        "accent-hover": token("accent-hover"),
        "on-accent": token("on-accent"),
        ok: token("ok"),
        "ok-soft": token("ok-soft"),
        warn: token("warn"),
        "warn-soft": token("warn-soft"),
        danger: token("danger"),
        "danger-soft": token("danger-soft"),
        "on-danger": token("on-danger"),
      },
      fontFamily: { sans: ["var(--font-geist-sans)", "sans-serif"], mono: ["var(--font-geist-mono)", "monospace"] },
    },
  },
} satisfies Config;

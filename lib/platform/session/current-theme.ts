import "server-only";
import { cookies } from "next/headers";
import { themeCookie, type Theme } from "@/lib/contract/theme";

const NAME = "theme";
const YEAR_SECONDS = 365 * 24 * 60 * 60;

/** How this browser wants to see Latchkey; `system` where it never chose. */
export async function currentTheme(): Promise<Theme> {
  return themeCookie.catch("system").parse((await cookies()).get(NAME)?.value);
}

/** Remembers the choice in this browser. */
export async function storeTheme(theme: Theme): Promise<void> {
  (await cookies()).set(NAME, theme, { maxAge: YEAR_SECONDS, sameSite: "lax", httpOnly: true, path: "/" });
}

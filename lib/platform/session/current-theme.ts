import "server-only";
import { cookies } from "next/headers";
import { themeCookie, type Theme } from "@/lib/contract/theme";
import { hostCookie } from "./host-cookie";

const YEAR_SECONDS = 365 * 24 * 60 * 60;

/** How this browser wants to see Latchkey; `system` where it never chose. */
export async function currentTheme(): Promise<Theme> {
  return themeCookie.catch("system").parse((await cookies()).get(hostCookie("theme").name)?.value);
}

/** Remembers the choice in this browser. */
export async function storeTheme(theme: Theme): Promise<void> {
  const { name, options } = hostCookie("theme");
  (await cookies()).set(name, theme, { ...options, maxAge: YEAR_SECONDS });
}

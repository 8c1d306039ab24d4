"use server";

import { refresh } from "next/cache";
import { redirect } from "next/navigation";
import { themeCookie } from "@/lib/contract/theme";
import { storeTheme } from "@/lib/platform/session/current-theme";
import { endSession } from "@/lib/platform/session/end-session";

export async function signOut(): Promise<void> {
  await endSession();
  redirect("/sign-in");
}

export async function setTheme(form: FormData): Promise<void> {
  await storeTheme(themeCookie.catch("system").parse(form.get("theme")));
  refresh();
}

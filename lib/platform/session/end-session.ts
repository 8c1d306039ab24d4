import "server-only";
import { cookies } from "next/headers";
import { signOut } from "@/lib/domain/sessions/sign-out";
import { anonymousContext } from "./anonymous-context";
import { sessionCookie } from "./auth-options";
import { currentUser } from "./current-member";

/** Signs this browser out: the cookie is worthless from here on, wherever it was copied to. */
export async function endSession(): Promise<void> {
  const user = await currentUser();
  if (user) await signOut(await anonymousContext(), user);
  const { name, options } = sessionCookie();
  (await cookies()).set(name, "", { ...options, maxAge: 0 });
}

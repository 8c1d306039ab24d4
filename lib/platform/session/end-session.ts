import "server-only";
import { cookies } from "next/headers";
import { database } from "@/lib/platform/database/client";
import { sessionCookie } from "./auth-options";
import { currentUser } from "./current-member";

/** Signs this browser out: the cookie is worthless from here on, wherever it was copied to. */
export async function endSession(): Promise<void> {
  const user = await currentUser();
  if (user) await database().session.deleteMany({ where: { id: user.sessionId, userId: user.userId } });
  const { name, options } = sessionCookie();
  (await cookies()).set(name, "", { ...options, maxAge: 0 });
}

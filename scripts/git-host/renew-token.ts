import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import type { HostState } from "./answer";

/** How the host answers a wish to renew: as GitLab does, with this status instead, or so that nobody learns the new token. */
export type RenewalManner = "properly" | "hang up" | "in words" | "never" | number;

const DAY_MS = 24 * 60 * 60 * 1000;
/** Where nobody says for how long. */
const USUAL_DAYS = 7;

/**
 * GitLab's documented answer to a token that renews itself: the new one is shown once, the old one is revoked at once,
 * and a revoked one that asks takes the newest of its family with it.
 */
export async function renewToken(state: HostState, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const old = /^Bearer (.*)$/.exec(request.headers.authorization ?? "")?.[1] ?? request.headers["private-token"];
  const asked = (await text(request)) || "{}";
  const refuse = (status: number) => void response.writeHead(status).end();
  if (typeof old !== "string") return refuse(401);
  if (state.renewed.has(old)) {
    state.tokens.delete(newestOf(state, old));
    return refuse(401);
  }
  const access = state.tokens.get(old);
  if (!access) return refuse(401);
  if (typeof state.renews === "number") return refuse(state.renews);
  const { scopes = [] } = state.tokenDescription as { scopes?: string[] };
  if (!scopes.includes("self_rotate") && !scopes.includes("api")) return refuse(403);
  const token = `glpat-${randomBytes(15).toString("hex")}`;
  const week = new Date(Date.now() + USUAL_DAYS * DAY_MS).toISOString().slice(0, 10);
  const { expires_at = week } = JSON.parse(asked) as { expires_at?: string };
  const told = { created_at: new Date().toISOString(), expires_at };
  state.tokens.delete(old);
  state.tokens.set(token, access);
  state.renewed.set(old, token);
  state.described.set(token, told);
  if (state.renews === "never") return;
  if (state.renews === "hang up") return void request.socket.destroy();
  response.writeHead(200, { "content-type": "application/json" });
  response.end(state.renews === "in words" ? "Done." : JSON.stringify({ active: true, scopes, ...told, token }));
}

function newestOf({ renewed }: HostState, old: string): string {
  let newest = old;
  for (let next = renewed.get(newest); next; next = renewed.get(newest)) newest = next;
  return newest;
}

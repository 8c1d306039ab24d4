import "server-only";
import { randomUUID } from "node:crypto";
import { headers } from "next/headers";
import { cache } from "react";
import { remoteAddressIn } from "@/lib/platform/remote-address";
import { browserWords } from "./browser-words";

/** The id that the proxy gave this request; it stands in its log lines, its audit events and its answer. */
export const requestId = cache(async (): Promise<string> => (await headers()).get("x-request-id") ?? randomUUID());

/** The path and query that the browser asked for, as the proxy saw them. */
export async function requestedPath(): Promise<string | undefined> {
  return (await headers()).get("x-latchkey-path") ?? undefined;
}

/** The browser that asks, in words. */
export async function requestingBrowser(): Promise<string> {
  return browserWords((await headers()).get("user-agent"));
}

/** The address that the request came from. */
export async function remoteAddress(): Promise<string> {
  return remoteAddressIn(await headers());
}

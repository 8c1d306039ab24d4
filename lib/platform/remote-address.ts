/** The address that a request came from, as the server in front of Next made it out. */
export function remoteAddressIn(headers: Pick<Headers, "get">): string {
  return headers.get("x-latchkey-address") ?? "unknown";
}

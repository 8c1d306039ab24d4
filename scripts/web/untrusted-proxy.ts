import type { IncomingMessage } from "node:http";
import ipaddr from "ipaddr.js";

/**
 * Says once that a proxy is in front which nobody named: everybody behind it counts as one address. A public address may
 * be a client that plays one, and is nothing to speak of.
 */
export function noticeUntrustedProxy(
  trusted: (address: string) => boolean,
  say: (address: string) => void,
): (request: IncomingMessage) => void {
  let said = false;
  return ({ headers, socket: { remoteAddress } }) => {
    if (said || headers["x-forwarded-for"] === undefined || remoteAddress === undefined) return;
    if (trusted(remoteAddress) || ipaddr.process(remoteAddress).range() === "unicast") return;
    said = true;
    say(remoteAddress);
  };
}

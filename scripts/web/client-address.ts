import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import proxyAddr from "proxy-addr";

/**
 * Tells the address that a request came from. A connection's own, unless it is one of the trusted proxies: then the
 * right-most address of `X-Forwarded-For` that is not one, since only what a trusted proxy wrote is worth anything. What
 * is no address ends the search at the proxy that passed it on. IPv4 that is mapped into IPv6 is answered as IPv4. No
 * other header is read: a proxy sets one of them, and lets a client's own through in all the others.
 */
export function clientAddress(trustedProxies: readonly string[]): (request: IncomingMessage) => string {
  const trusted = trustedAddress(trustedProxies);
  return (request) => {
    const hops = proxyAddr.all(request, trusted);
    const nearest = hops.findLast((hop) => isIP(hop ?? "") !== 0);
    return nearest === undefined ? "unknown" : ipaddr.process(nearest).toString();
  };
}

/** Whether an address is one of these addresses and networks; IPv4 counts in its IPv6 form too. */
export function trustedAddress(trustedProxies: readonly string[]): (address: string) => boolean {
  const trusted = proxyAddr.compile([...trustedProxies]);
  return (address) => trusted(address, 0);
}

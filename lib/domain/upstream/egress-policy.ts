import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR("2000::/3");

/** Which upstreams may be named, and which addresses may be connected to. */
export interface EgressPolicy {
  /** Whether a host that is written as an address is one that upstream connections may not reach. */
  deniesLiteral(host: string): boolean;
  /** Whether a connection for this host (with `:port` where it is not 443) may go to this address. */
  allows(host: string, address: string): boolean;
}

/** The policy: public unicast addresses, and what the operator allows (networks, or hosts with an optional port). */
export function createEgressPolicy(allow: readonly string[]): EgressPolicy {
  const networks = allow.filter((entry) => entry.includes("/")).map((entry) => ipaddr.parseCIDR(entry));
  const hosts = new Set(allow.filter((entry) => !entry.includes("/")).map((entry) => entry.toLowerCase()));
  const allowsHost = (hostAndPort: string) =>
    hosts.has(hostAndPort) || hosts.has(withoutPort(hostAndPort)) || hosts.has(`${hostAndPort}:443`);
  const allowsAddress = (text: string) => {
    // `process` takes an IPv4 address out of its IPv6 form, which would otherwise pass for another range.
    const address = ipaddr.process(text);
    if (networks.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits))) {
      return true;
    }
    // Of IPv6 only this block is given out as public; the library takes whatever it has no name for as unicast.
    return address.range() === "unicast" && (address.kind() === "ipv4" || address.match(GLOBAL_UNICAST));
  };
  return {
    deniesLiteral(hostAndPort) {
      if (allowsHost(hostAndPort)) return false;
      const host = withoutPort(hostAndPort);
      if (host === "localhost" || host.endsWith(".localhost")) return true;
      const bare = withoutBrackets(host);
      // Names whose last label is a number are addresses in disguise (127.1, 0x7f.1, 2130706433).
      if (isIP(bare) === 0) return /(^|\.)(\d+|0x[0-9a-f]*)$/i.test(bare);
      return !allowsAddress(bare);
    },
    allows: (host, address) => allowsHost(host) || allowsAddress(address),
  };
}

/** The name or address of a host that may carry a port. */
function withoutPort(host: string): string {
  return host.replace(/:\d+$/, "");
}

/** An IPv6 address as sockets want it. */
export function withoutBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, "");
}

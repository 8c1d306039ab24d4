import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** Which upstream hosts may be named. Host names are judged again, by their addresses, when they are used. */
export interface EgressPolicy {
  /** Whether a host that is written as an address is one that upstream connections may not reach. */
  deniesLiteral(host: string): boolean;
}

/** The policy: public unicast addresses, and what the operator allows (networks, or hosts with an optional port). */
export function createEgressPolicy(allow: readonly string[]): EgressPolicy {
  const networks = allow.filter((entry) => entry.includes("/")).map((entry) => ipaddr.parseCIDR(entry));
  const hosts = new Set(allow.filter((entry) => !entry.includes("/")).map((entry) => entry.toLowerCase()));
  return {
    deniesLiteral(hostAndPort) {
      const host = hostAndPort.replace(/:\d+$/, "");
      if (hosts.has(host) || hosts.has(hostAndPort)) return false;
      if (host === "localhost" || host.endsWith(".localhost")) return true;
      const bare = host.replace(/^\[|\]$/g, "");
      // Names whose last label is a number are addresses in disguise (127.1, 0x7f.1, 2130706433).
      if (isIP(bare) === 0) return /(^|\.)(\d+|0x[0-9a-f]*)$/i.test(bare);
      const address = ipaddr.process(bare);
      if (networks.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits)))
        return false;
      return address.range() !== "unicast";
    },
  };
}

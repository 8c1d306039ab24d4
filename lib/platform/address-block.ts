import { isIPv6 } from "node:net";
import ipaddr from "ipaddr.js";

/**
 * What counts as one address where something is counted by address: an IPv4 address, or the /64 network of an IPv6 one,
 * since whoever has one IPv6 address has all of its network.
 */
export function addressBlock(address: string): string {
  if (!isIPv6(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === "ipv4") return parsed.toString();
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString().split("%")[0]}/64`).toString()}/64`;
}

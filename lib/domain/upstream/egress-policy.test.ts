import { describe, expect, it } from "vitest";
import { createEgressPolicy } from "./egress-policy";

describe("the egress policy on a host written as an address", () => {
  const policy = createEgressPolicy([]);

  it.each([
    "127.0.0.1",
    "127.0.0.1:8443",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "[::1]",
    "[::]",
    "[fe80::1]",
    "[fc00::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]:443",
    "[64:ff9b::7f00:1]",
    "[::7f00:1]",
    "[::a00:1]",
    "[200::1]",
    "[4000::1]",
    "localhost",
    "git.localhost",
    "127.1",
    "2130706433",
    "0x7f.1",
    "0x7f000001",
    "0177.0.0.1",
  ])("denies %s", (host) => expect(policy.deniesLiteral(host)).toBe(true));

  it.each(["gitlab.com", "git.example.com:8443", "8.8.8.8", "[2606:4700:4700::1111]", "1password.com"])(
    "does not deny %s",
    (host) => expect(policy.deniesLiteral(host)).toBe(false),
  );

  it("allows what the operator names: a network, a host, a host with its port only", () => {
    const allowing = createEgressPolicy(["10.0.0.0/8", "192.168.1.5", "localhost:3000", "fd00::/8"]);
    for (const host of ["10.9.9.9", "10.9.9.9:8443", "192.168.1.5", "192.168.1.5:99", "localhost:3000", "[fd00::1]"]) {
      expect(allowing.deniesLiteral(host), host).toBe(false);
    }
    for (const host of ["11.0.0.1", "192.168.1.6", "localhost", "localhost:3001", "[fc00::1]"]) {
      expect(allowing.deniesLiteral(host), host).toBe(host !== "11.0.0.1");
    }
  });
});

describe("the egress policy on a resolved address", () => {
  it("allows public addresses and what the operator names, and nothing else", () => {
    const policy = createEgressPolicy(["10.0.0.0/8", "git.internal:8443"]);
    expect(policy.allows("gitlab.com", "172.65.251.78")).toBe(true);
    expect(policy.allows("gitlab.com", "2606:4700:90:0:f22e:fbec:5bed:a9b9")).toBe(true);
    expect(policy.allows("gitlab.com", "127.0.0.1")).toBe(false);
    expect(policy.allows("gitlab.com", "::ffff:169.254.169.254")).toBe(false);
    for (const address of ["::7f00:1", "::a00:1", "200::1", "4000::1", "e000::1"]) {
      expect(policy.allows("gitlab.com", address), address).toBe(false);
    }
    expect(policy.allows("git.example.com", "10.1.2.3")).toBe(true);
    expect(policy.allows("git.internal:8443", "192.168.1.5")).toBe(true);
    expect(policy.allows("git.internal", "192.168.1.5")).toBe(false);
  });
});

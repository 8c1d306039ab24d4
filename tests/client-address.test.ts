import type { IncomingMessage } from "node:http";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressBlock } from "@/lib/platform/address-block";
import { clientAddress, trustedAddress } from "@/scripts/web/client-address";
import { noticeUntrustedProxy } from "@/scripts/web/untrusted-proxy";

const PROXIES = ["10.0.0.0/8", "::1", "2001:db8:ffff::/48"];

function addressOf(peer: string | undefined, headers: Record<string, string> = {}, proxies = PROXIES): string {
  return clientAddress(proxies)({ socket: { remoteAddress: peer }, headers } as unknown as IncomingMessage);
}

const forwarded = (list: string) => ({ "x-forwarded-for": list });

describe("the address of a request", () => {
  it("is the connection's where that is no trusted proxy, whatever the headers say", () => {
    expect(addressOf("192.0.2.7", forwarded("198.51.100.1"))).toBe("192.0.2.7");
    expect(addressOf("10.0.0.1", forwarded("198.51.100.1"), [])).toBe("10.0.0.1");
    expect(addressOf("2001:db8::7", forwarded("10.0.0.1, 198.51.100.1"))).toBe("2001:db8::7");
  });

  it("is the right-most one that is no trusted proxy, and what stands left of it is not believed", () => {
    expect(addressOf("10.0.0.1", forwarded("198.51.100.1"))).toBe("198.51.100.1");
    expect(addressOf("10.0.0.1", forwarded("6.6.6.6, 198.51.100.1"))).toBe("198.51.100.1");
    expect(addressOf("10.0.0.1", forwarded("6.6.6.6,10.0.0.9, 198.51.100.1 , 10.1.2.3"))).toBe("198.51.100.1");
  });

  it("is the outermost proxy's where all of them are trusted, and the proxy's where it names nobody", () => {
    expect(addressOf("10.0.0.1", forwarded("10.0.0.3, 10.0.0.2"))).toBe("10.0.0.3");
    for (const nobody of ["", " ", ",", " , ,"]) expect(addressOf("10.0.0.1", forwarded(nobody))).toBe("10.0.0.1");
    expect(addressOf("10.0.0.1")).toBe("10.0.0.1");
  });

  it("is taken in IPv6 and in its IPv4-mapped form", () => {
    expect(addressOf("::1", forwarded("2001:DB8:0:0::5"))).toBe("2001:db8::5");
    expect(addressOf("2001:db8:ffff::9", forwarded("::ffff:198.51.100.1"))).toBe("198.51.100.1");
    expect(addressOf("::ffff:10.0.0.1", forwarded("198.51.100.1"))).toBe("198.51.100.1");
    expect(addressOf("::ffff:192.0.2.7", forwarded("198.51.100.1"))).toBe("192.0.2.7");
  });

  it("is the nearest proxy that passed nonsense on", () => {
    for (const nonsense of ["unknown", "198.51.100.1:4711", "[2001:db8::5]", "<script>", "1", "0x7f.1", "_hidden"]) {
      expect(addressOf("10.0.0.1", forwarded(nonsense)), nonsense).toBe("10.0.0.1");
      expect(addressOf("10.0.0.1", forwarded(`198.51.100.1, ${nonsense}, 10.0.0.2`)), nonsense).toBe("10.0.0.2");
    }
  });

  it("is read from no other header", () => {
    const headers = {
      forwarded: "for=198.51.100.1",
      "x-real-ip": "198.51.100.1",
      "x-latchkey-address": "198.51.100.1",
    };
    expect(addressOf("10.0.0.1", headers)).toBe("10.0.0.1");
  });

  it("is unknown where the connection is gone already", () => {
    expect(addressOf(undefined, forwarded("198.51.100.1"))).toBe("unknown");
  });

  it("is, whatever a client sends through a proxy, the one that the proxy saw", () => {
    fc.assert(
      fc.property(fc.string(), fc.oneof(fc.ipV4(), fc.ipV6()), (sent, seen) => {
        fc.pre(!trustedAddress(PROXIES)(seen));
        const direct = addressOf(seen);
        expect(addressOf("10.0.0.1", forwarded(`${sent}, ${seen}`))).toBe(direct);
        expect(addressOf(seen, forwarded(sent))).toBe(direct);
      }),
    );
  });
});

it("a proxy that nobody named is spoken of once, a client that plays one never", () => {
  const said: string[] = [];
  const look = noticeUntrustedProxy(trustedAddress(PROXIES), (address) => said.push(address));
  const from = (remoteAddress: string, headers: Record<string, string> = forwarded("198.51.100.1")) =>
    look({ socket: { remoteAddress }, headers } as unknown as IncomingMessage);
  from("8.8.8.8");
  from("10.0.0.1");
  from("::ffff:172.16.0.9", {});
  expect(said).toEqual([]);
  from("::ffff:172.16.0.9");
  from("192.168.0.1");
  expect(said).toEqual(["::ffff:172.16.0.9"]);
});

describe("what counts as one address", () => {
  it("is an IPv4 address by itself, and the /64 network of an IPv6 one", () => {
    expect(addressBlock("192.0.2.7")).toBe("192.0.2.7");
    expect(addressBlock("::ffff:192.0.2.7")).toBe("192.0.2.7");
    expect(addressBlock("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2::/64");
    expect(addressBlock("2001:db8:1:2::")).toBe("2001:db8:1:2::/64");
    expect(addressBlock("fe80::1%eth0")).toBe("fe80::/64");
    expect(addressBlock("unknown")).toBe("unknown");
  });

  it("can be had of anything, and stays what it is", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), (address) => {
        const block = addressBlock(address);
        expect(addressBlock(block)).toBe(block);
      }),
    );
  });
});

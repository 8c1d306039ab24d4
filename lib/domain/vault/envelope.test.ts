import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { secretBinding } from "../credentials/secret-binding";
import { openSealed, rewrap, seal } from "./envelope";
import { keyCheckValue, parseKeyRing } from "./key-ring";

const key = (letter: string) => createHash("sha256").update(letter).digest();
const entry = (id: string, letter: string) => `${id}:${key(letter).toString("base64")}`;
const ring = parseKeyRing(entry("one", "a"));
const bound = {
  organizationId: "org_1",
  repositoryId: "repo_1",
  credentialId: "ggc_1",
  version: 1,
  upstreamOrigin: "https://gitlab.com",
};
const binding = secretBinding(bound);
const plaintext = Buffer.from("the secret");

describe("a sealed secret", () => {
  it("opens to what was sealed, and is never sealed twice alike", () => {
    const sealed = seal(ring, binding, plaintext);
    expect(openSealed(ring, binding, sealed).toString()).toBe("the secret");
    expect(Buffer.from(seal(ring, binding, plaintext).sealed)).not.toEqual(Buffer.from(sealed.sealed));
  });

  it("does not tell how long it is", () => {
    const short = seal(ring, binding, Buffer.from("x")).sealed.length;
    const long = seal(ring, binding, Buffer.from("x".repeat(200))).sealed.length;
    expect(short).toBe(long);
  });

  it.each([
    ["organization", { organizationId: "org_2" }],
    ["repository", { repositoryId: "repo_2" }],
    ["credential", { credentialId: "ggc_2" }],
    ["version", { version: 2 }],
    ["upstream", { upstreamOrigin: "https://evil.example" }],
  ])("does not open for another %s", (_, change) => {
    const sealed = seal(ring, binding, plaintext);
    expect(() => openSealed(ring, secretBinding({ ...bound, ...change }), sealed)).toThrow();
  });

  it("does not open with any byte changed, or cut short", () => {
    const { masterKeyId, sealed } = seal(ring, binding, plaintext);
    for (let index = 0; index < sealed.length; index += 1) {
      const changed = Uint8Array.from(sealed);
      changed[index]! ^= 1;
      expect(() => openSealed(ring, binding, { masterKeyId, sealed: changed }), `byte ${index}`).toThrow();
    }
    for (const length of [0, 1, 12, 28, sealed.length - 1]) {
      expect(() => openSealed(ring, binding, { masterKeyId, sealed: sealed.slice(0, length) })).toThrow();
    }
  });

  it("opens under a key that is no longer primary, and under no other", () => {
    const sealed = seal(ring, binding, plaintext);
    const later = parseKeyRing(`${entry("two", "b")},${entry("one", "a")}`);
    expect(seal(later, binding, plaintext).masterKeyId).toBe("two");
    expect(openSealed(later, binding, sealed).toString()).toBe("the secret");
    expect(() => openSealed(parseKeyRing(entry("one", "b")), binding, sealed)).toThrow();
    expect(() => openSealed(parseKeyRing(entry("two", "b")), binding, sealed)).toThrow();
  });

  it("rewrapped, opens under the new primary alone, and for what it was sealed to alone", () => {
    const sealed = seal(ring, binding, plaintext);
    const both = parseKeyRing(`${entry("two", "b")},${entry("one", "a")}`);
    const rewrapped = rewrap(both, binding, sealed);
    expect(rewrapped.masterKeyId).toBe("two");
    expect(openSealed(parseKeyRing(entry("two", "b")), binding, rewrapped).toString()).toBe("the secret");
    expect(() => openSealed(ring, binding, { ...rewrapped, masterKeyId: "one" })).toThrow();
    expect(() => openSealed(both, secretBinding({ ...bound, version: 2 }), rewrapped)).toThrow();
    expect(() => rewrap(both, secretBinding({ ...bound, version: 2 }), sealed)).toThrow();
    expect(() => rewrap(parseKeyRing(entry("two", "b")), binding, sealed)).toThrow("not in the ring");
  });
});

describe("the key ring", () => {
  it.each([
    ["nothing", ""],
    ["no id", key("a").toString("base64")],
    ["too short", `k:${Buffer.alloc(31, 7).toString("base64")}`],
    ["all zero", `k:${Buffer.alloc(32).toString("base64")}`],
    ["one byte repeated", `k:${Buffer.alloc(32, 7).toString("base64")}`],
    ["a few bytes repeated", `k:${Buffer.alloc(32, "deadbeef", "hex").toString("base64")}`],
    ["bytes that count up", `k:${Buffer.from(Array.from({ length: 32 }, (_, n) => n + 200)).toString("base64")}`],
    ["typed text", `k:${Buffer.from("change-me: The quick brown fox 1").toString("base64")}`],
    ["the same id twice", `${entry("k", "a")},${entry("k", "b")}`],
    ["the same key twice", `${entry("k", "a")},${entry("l", "a")}`],
    ["not base64", "k:!!!!"],
  ])("refuses %s without repeating it", (_, text) => {
    const refusal = () => parseKeyRing(text);
    expect(refusal).toThrow(Error);
    expect(refusal).not.toThrow(new RegExp(key("a").toString("base64").replace(/[+/=]/g, ".")));
  });

  it("has a check value that only the very key yields", () => {
    const one = keyCheckValue({ id: "k", key: key("a") });
    expect(keyCheckValue({ id: "k", key: key("a") })).toEqual(one);
    expect(keyCheckValue({ id: "k", key: key("b") })).not.toEqual(one);
    expect(keyCheckValue({ id: "l", key: key("a") })).not.toEqual(one);
  });
});

import { afterEach, describe, expect, it } from "vitest";
import { holdAuthorization, holdSecret, strikeOutSecrets } from "./secrets-in-use";

const releases: (() => void)[] = [];
const hold = (password: string, username?: string) => void releases.push(holdSecret(password, username));

afterEach(() => {
  for (const release of releases.splice(0)) release();
});

const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("a secret in use", () => {
  it.each([
    ["as it is", "s3cret/wörd +1"],
    ["in an address", encodeURIComponent("s3cret/wörd +1")],
    ["in an address in small letters", encodeURIComponent("s3cret/wörd +1").toLowerCase()],
    ["in a form", "s3cret%2Fw%C3%B6rd+%2B1"],
    ["in a form in small letters", "s3cret%2fw%c3%b6rd+%2b1"],
    ["in front of a host", "s3cret%2Fw%C3%B6rd%20+1"],
    ["in base64", base64("s3cret/wörd +1")],
    ["in base64 for addresses", Buffer.from("s3cret/wörd +1").toString("base64url")],
    ["with its username in base64", base64("oauth2:s3cret/wörd +1")],
    ["in a header", `Basic ${base64("oauth2:s3cret/wörd +1")}`],
  ])("is struck out of a line %s", (_, form) => {
    hold("s3cret/wörd +1", "oauth2");
    const line = strikeOutSecrets(`before ${form} after`);
    expect(line).toContain("[redacted]");
    expect(line).toMatch(/^before .*after$/);
    expect(line).not.toContain(form.replace("Basic ", "").replace(/=+$/, ""));
  });

  it("is struck out whole where another one that is held begins, ends or lies within it", () => {
    for (const secret of ["shorter", "shorter-longer", "onger-overlaps"]) hold(secret);
    expect(strikeOutSecrets("a shorter-longer b")).toBe("a [redacted] b");
    expect(strikeOutSecrets("a shorter-longer-overlaps b shorter")).toBe("a [redacted] b [redacted]");
  });

  it("takes its username with it only where that could be the token", () => {
    hold("the password", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b");
    expect(strikeOutSecrets("by 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b")).toBe("by [redacted]");
    hold("another password", "robot.account");
    expect(strikeOutSecrets("by robot.account")).toBe("by robot.account");
  });

  it("is held until the last use of it has ended", () => {
    const [first, second] = [holdSecret("used by two"), holdSecret("used by two")];
    first();
    first();
    expect(strikeOutSecrets("used by two")).toBe("[redacted]");
    second();
    expect(strikeOutSecrets("used by two")).toBe("used by two");
  });

  it("is found in the header that carries it", () => {
    releases.push(
      holdAuthorization(`Basic ${base64("git:of:a:header")}`),
      holdAuthorization("Bearer glpat-of-a-header"),
    );
    expect(strikeOutSecrets("of:a:header, glpat-of-a-header")).toBe("[redacted], [redacted]");
    expect(holdAuthorization("")).toBeInstanceOf(Function);
  });

  it("that is so short that it is everywhere does not make lines unreadable", () => {
    hold("a");
    expect(strikeOutSecrets("a plain line")).toBe("a plain line");
  });
});

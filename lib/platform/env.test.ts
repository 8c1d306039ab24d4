import { describe, expect, it } from "vitest";
import { parseEnv } from "./env";

describe("the configuration", () => {
  it("has defaults for everything, and an empty variable is an unset one", () => {
    expect(parseEnv({ PORT: "" })).toMatchObject({
      PORT: 3000,
      LATCHKEY_URL: "http://localhost:3000",
      LOG_LEVEL: "info",
    });
    expect(parseEnv({ LATCHKEY_URL: "https://keys.example.com/" }).LATCHKEY_URL).toBe("https://keys.example.com");
  });

  it.each([
    ["PORT", "0"],
    ["PORT", "seventy"],
    ["LATCHKEY_METRICS_PORT", "70000"],
    ["LATCHKEY_URL", "ftp://x.example"],
    ["DATABASE_URL", "mysql://x.example"],
    ["AUTH_SECRET", "short"],
    ["AUTH_OIDC_ISSUER", "id.example.com"],
    ["AUTH_OIDC_ISSUER", "http://id.example.com"],
    ["AUTH_OIDC_ISSUER", "javascript:alert(1)"],
    ["LATCHKEY_EGRESS_ALLOW", "10.0.0.0/8,what is this"],
    ["LATCHKEY_EGRESS_ALLOW", "10.0.0.0/64"],
    ["LATCHKEY_EGRESS_ALLOW", "1.2.3/8"],
    ["LATCHKEY_TRUSTED_PROXIES", "nginx"],
    ["LATCHKEY_TRUSTED_PROXIES", "10.0.0.1:8080"],
    ["LATCHKEY_TRUSTED_PROXIES", "127.1"],
    ["LATCHKEY_TRUSTED_PROXIES", "127.0.0.1,0.0.0.0/0"],
    ["LATCHKEY_TRUSTED_PROXIES", "::/0"],
    ["LATCHKEY_RATE_SUBJECT", "0"],
    ["LATCHKEY_RATE_ADDRESS", "many"],
    ["LATCHKEY_RATE_FAILURES", "1.5"],
    ["LATCHKEY_MIN_FREE_MB", "-1"],
    ["LATCHKEY_BOOTSTRAP_FILE", "/nowhere"],
    ["LATCHKEY_SMTP_URL", "mail.example.com"],
    ["LATCHKEY_SMTP_URL", "smtp://mail.example.com/?tls.rejectUnauthorized=false"],
    ["LATCHKEY_SMTP_URL_FILE", "/nowhere"],
    ["LATCHKEY_MAIL_FROM", "nobody"],
    ["LOG_LEVEL", "loud"],
    ["NODE_TLS_REJECT_UNAUTHORIZED", "0"],
  ])("refuses %s=%s in a sentence that names it", (name, value) => {
    expect(() => parseEnv({ [name]: value })).toThrow(new RegExp(`^${name}.*\\.$`));
  });

  it("takes all of single sign-on or nothing, and names what is missing", () => {
    const all = { AUTH_OIDC_ISSUER: "https://id.example.com", AUTH_OIDC_ID: "latchkey", AUTH_OIDC_SECRET: "hush" };
    expect(parseEnv(all)).toMatchObject(all);
    expect(parseEnv({ ...all, AUTH_OIDC_ISSUER: "http://localhost:4000" }).AUTH_OIDC_ID).toBe("latchkey");
    for (const name of Object.keys(all)) {
      expect(() => parseEnv({ ...all, [name]: "" })).toThrow(new RegExp(`^${name} must be set too`));
    }
    expect(() => parseEnv({ AUTH_OIDC_SECRET: "hush" })).toThrow(/^AUTH_OIDC_ISSUER and AUTH_OIDC_ID must be set too/);
    expect(() => parseEnv({ AUTH_OIDC_SECRET: "hush" })).not.toThrow(/hush/);
  });

  it("takes a mail server with a sender or neither, and repeats no password", () => {
    const server = { LATCHKEY_SMTP_URL: "smtp://me:pass-word@mail.example.com" };
    const sender = { LATCHKEY_MAIL_FROM: "latchkey@example.com" };
    expect(parseEnv({ ...server, ...sender })).toMatchObject(sender);
    expect(() => parseEnv(server)).toThrow("LATCHKEY_MAIL_FROM is missing");
    expect(() => parseEnv(sender)).toThrow("LATCHKEY_SMTP_URL is missing");
    expect(() => parseEnv({ ...server, ...sender, LATCHKEY_SMTP_URL_FILE: "package.json" })).toThrow("not both");
    expect(() => parseEnv({ ...sender, LATCHKEY_SMTP_URL_FILE: "package.json" })).toThrow("does not hold");
    const wrong = { ...sender, LATCHKEY_SMTP_URL: "smtp://me:pass-word@mail.example.com/path" };
    expect(() => parseEnv(wrong)).toThrow(/^(?!.*pass-word)/s);
  });

  it("takes one source of master keys only", () => {
    expect(() => parseEnv({ LATCHKEY_MASTER_KEYS: "x", LATCHKEY_MASTER_KEYS_FILE: "/y" })).toThrow("not both");
  });
});

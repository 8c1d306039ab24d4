import { expect, it } from "vitest";
import { usernameHint } from "./username-hint";

it.each(["git", "oauth2", "x-token-auth", "x-bitbucket-api-token-auth", "robot", "ada.lovelace", "ci-bot2"])(
  "shows %s",
  (username) => expect(usernameHint(username)).toBe(username),
);

it.each([
  "glpat-abcdefghij1234567890",
  "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
  "ghp_abcdef",
  "ATATT3xFfGF0",
  "gitlab+deploy-token-123456",
  "a".repeat(25),
  "with blank",
  "xKqzPmWvRtYhBnGdLsFc",
  "xkqzpmwvrtyhbngdlsfc",
  "Ab3dEf9hIj",
  "",
])("hides %s, which may be a token", (username) => expect(usernameHint(username)).toBeNull());

it("has nothing to show without a username", () => expect(usernameHint(null)).toBeNull());

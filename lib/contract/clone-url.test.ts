import { describe, expect, it } from "vitest";
import { parseCloneUrl } from "./clone-url";

const plain = { username: null, secret: null };

describe("a pasted clone address", () => {
  it.each([
    ["https://gitlab.com/acme/app.git", { provider: "gitlab", host: "gitlab.com", owner: "acme", name: "app" }],
    ["https://gitlab.com/acme/sub/app", { provider: "gitlab", host: "gitlab.com", owner: "acme/sub", name: "app" }],
    ["git@gitlab.com:acme/app.git", { provider: "gitlab", host: "gitlab.com", owner: "acme", name: "app" }],
    [
      "ssh://git@codeberg.org:2222/acme/app.git",
      { provider: "codeberg", host: "codeberg.org", owner: "acme", name: "app" },
    ],
    ["https://git.sr.ht/~ada/tool", { provider: "sr.ht", host: "git.sr.ht", owner: "~ada", name: "tool" }],
    [
      "https://gitea.example.com:8443/o/r.git",
      { provider: "gitea", host: "gitea.example.com:8443", owner: "o", name: "r" },
    ],
    ["https://git:8443/o/r.git", { provider: null, host: "git:8443", owner: "o", name: "r" }],
    ["https://code.example.com/o/r", { provider: null, host: "code.example.com", owner: "o", name: "r" }],
    ["bitbucket.org/acme/app", { provider: "bitbucket", host: "bitbucket.org", owner: "acme", name: "app" }],
    ["https://gitlab.com/acme/app/-/tree/main", { provider: "gitlab", host: "gitlab.com", owner: "acme", name: "app" }],
    ["https://codeberg.org/o/r/src/branch/main", { provider: "codeberg", host: "codeberg.org", owner: "o", name: "r" }],
  ])("%s", (address, expected) => expect(parseCloneUrl(address)).toEqual({ ...expected, ...plain }));

  it("gives up its sign-in apart from everything else", () => {
    expect(parseCloneUrl("https://oauth2:glpat-x%2Fy@gitlab.com/acme/app.git")).toEqual({
      provider: "gitlab",
      host: "gitlab.com",
      owner: "acme",
      name: "app",
      username: "oauth2",
      secret: "glpat-x/y",
    });
    expect(parseCloneUrl("https://glpat-abcdefghij123456@gitlab.com/acme/app")).toMatchObject({
      username: null,
      secret: "glpat-abcdefghij123456",
    });
    expect(parseCloneUrl("https://acme@bitbucket.org/acme/app.git")).toMatchObject({ username: "acme", secret: null });
  });

  it.each([
    "",
    "hello",
    "some/words/here",
    "https://gitlab.com",
    "https://gitlab.com/acme",
    "ftp://x.example/a/b",
    "file:///etc/passwd",
    "javascript:alert(1)",
  ])("%j is none", (address) => expect(parseCloneUrl(address)).toBeNull());
});

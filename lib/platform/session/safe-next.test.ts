import { expect, it } from "vitest";
import { safeNext } from "./safe-next";

it.each(["/acme/repos", "/acme/repos?q=a%2Fb", "/"])("goes on to %s", (next) => expect(safeNext(next)).toBe(next));

it.each([
  "",
  "acme",
  "//evil.example",
  "/\\evil.example",
  "https://evil.example",
  "/\t/evil.example",
  "javascript:alert(1)",
  "/".repeat(3000),
])("starts anew instead of %j", (next) => expect(safeNext(next)).toBe("/"));

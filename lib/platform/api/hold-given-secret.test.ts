import { expect, it } from "vitest";
import { strikeOutSecrets } from "@/lib/domain/credentials/secrets-in-use";
import { holdGivenSecret } from "./hold-given-secret";

it.each([
  ["a credential's", { password: "a-given-secret", username: 7 }],
  ["a webhook's", { url: "nowhere", secret: "a-given-secret" }],
])("keeps %s secret out of lines until the request is over, whatever else its body holds", (_, body) => {
  const release = holdGivenSecret(body);
  expect(strikeOutSecrets("agent a-given-secret")).toBe("agent [redacted]");
  release();
  expect(strikeOutSecrets("agent a-given-secret")).toBe("agent a-given-secret");
});

it.each([undefined, null, "text", [], { password: 1, secret: {} }])("takes a body that is none: %j", (body) => {
  expect(() => holdGivenSecret(body)()).not.toThrow();
});

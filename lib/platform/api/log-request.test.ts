import { expect, it } from "vitest";
import { holdSecret } from "@/lib/domain/credentials/secrets-in-use";
import { clientAgent } from "./log-request";

const agentOf = (agent: string) =>
  clientAgent(new Request("http://localhost", { headers: { "code-storage-agent": agent } }));
const asSent = (text: string) => Buffer.from(text).toString("latin1");

it("cuts a client's name after a secret was struck out of it, so that no start of one is left", () => {
  const release = holdSecret("a-secret-that-is-held");
  for (const before of [60, 70, 79]) {
    const agent = agentOf(`${"x".repeat(before)}a-secret-that-is-held`)!;
    expect(agent).toBe(`${"x".repeat(before)}[redacted]`.slice(0, 80));
  }
  release();
});

it("strikes out a secret with letters that no line has, and one that only appears without them", () => {
  const release = holdSecret("gehëim-und-bleibt");
  expect(agentOf(asSent("agent gehëim-und-bleibt"))).toBe("agent [redacted]");
  expect(agentOf("agent gehëim-und-bleibt")).toBe("agent [redacted]");
  release();
  const other = holdSecret("held-and-hidden");
  expect(agentOf(asSent("held-anёd-hidden"))).toBe("[redacted]");
  other();
  expect(agentOf(asSent("client/1.0 ё"))).toBe("client/1.0 ");
});

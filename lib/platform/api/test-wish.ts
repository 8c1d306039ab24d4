import type { z } from "zod";
import type { testFirstQuery } from "@/lib/contract/credentials";
import type { TestWish } from "@/lib/domain/credentials/prove-secret";

/** The API tests a secret before it saves it where that is asked for: without, the contract's statuses stay as they are. */
export function testWish({ test }: z.output<typeof testFirstQuery>): TestWish {
  return test === "true" ? "required" : "none";
}

import { expect, it } from "vitest";
import { email } from "./members";

it("reads an e-mail address in small letters, without the blanks around it", () => {
  expect(email.parse(" Ada@Example.com ")).toBe("ada@example.com");
});

it.each(["bo\u212A@example.com", "ad\u0130@example.com", "ada@ex\u00E4mple.com", "a b@example.com", ""])(
  "takes %j for no address, and so for nobody's",
  (typed) => expect(email.safeParse(typed).success).toBe(false),
);

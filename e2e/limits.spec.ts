import { expect, test } from "./support/fixtures";

test("hundreds of pages asked for at once are made or refused politely, and nothing falls over", async ({
  latchkey,
}) => {
  const ask = async () => {
    const response = await fetch(`${latchkey.url}/sign-in`);
    await response.arrayBuffer();
    return { status: response.status, retryAfter: response.headers.get("retry-after") };
  };
  const answers = await Promise.all(Array.from({ length: 700 }, ask));
  const made = answers.filter(({ status }) => status === 200);
  const refused = answers.filter(({ status }) => status === 503);
  expect(made.length).toBeGreaterThanOrEqual(400);
  expect(made.length + refused.length).toBe(700);
  expect(refused.every(({ retryAfter }) => retryAfter === "5")).toBe(true);
  expect((await ask()).status).toBe(200);
});

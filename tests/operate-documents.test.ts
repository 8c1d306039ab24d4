import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { SOURCES } from "@/scripts/build-if-stale";

const read = (file: string) => readFileSync(file, "utf8");
const LAUNCHER = "scripts/launch.ts";

it("an image holds what the build and the launcher need, and nothing that is not named", () => {
  const [first, ...lines] = read(".dockerignore")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  expect(first).toBe("*");
  const named = lines.filter((line) => line.startsWith("!")).map((line) => line.slice(1));
  for (const file of named) expect(existsSync(file), file).toBe(true);
  expect(named).toEqual(expect.arrayContaining([...SOURCES, "package.json", "prisma", "prisma.config.ts", "scripts"]));
});

it("the image, the service and npm start run one launcher", () => {
  expect(existsSync(LAUNCHER)).toBe(true);
  expect(read("docs/operate/Dockerfile")).toContain(`CMD ["node", "--import", "tsx", "${LAUNCHER}"]`);
  expect(read("docs/operate/latchkey.service")).toContain(`ExecStart=/usr/bin/node --import tsx ${LAUNCHER}\n`);
  expect(read("scripts/start.mjs")).toContain(`"--import", "tsx", "${LAUNCHER}"`);
});

it("the image is asked for its health where it listens", () => {
  const [, address] = /fetch\(`(http[^`]+)`\)/.exec(read("docs/operate/Dockerfile"))!;
  expect(address).toBe("http://127.0.0.1:${process.env.PORT || 3000}/api/ready");
  expect(existsSync("app/api/ready/route.ts")).toBe(true);
});

it("every command of the operator's documentation is there, and none writes into the checkout", () => {
  const text = read("docs/operate/README.md");
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  const commands = [...text.matchAll(/npm run (?:--silent )?([a-z][a-z:-]*)/g)].map(([, name]) => name!);
  expect(commands.length).toBeGreaterThan(5);
  for (const name of commands) expect(Object.keys(scripts)).toContain(name);
  const files = [...text.matchAll(/(?:backup|restore) -- "?([^"\n]+?\.zip)/g)].map(([, file]) => file!);
  expect(files.length).toBeGreaterThan(4);
  for (const file of files) expect(file).toMatch(/^[~/]/);
});

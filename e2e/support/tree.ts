import { readdirSync } from "node:fs";
import path from "node:path";

/** The addresses that the files of the given name in `app/` answer at, as Next reads its folders. */
export function addressesOf(fileName: "page.tsx" | "route.ts"): string[] {
  return readdirSync("app", { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name === fileName)
    .map((entry) => path.relative("app", entry.parentPath).split(path.sep))
    .map((folders) => `/${folders.filter((folder) => folder !== "" && !folder.startsWith("(")).join("/")}`)
    .sort();
}

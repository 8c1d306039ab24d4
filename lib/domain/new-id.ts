import { randomBytes } from "node:crypto";

/** A fresh id of 96 random bits behind a prefix that names its kind: `repo_…`, `ggc_…`. */
export function newId(prefix: string): string {
  return `${prefix}_${randomBytes(12).toString("hex")}`;
}

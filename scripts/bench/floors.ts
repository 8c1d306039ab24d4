import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { spawnSync } from "node:child_process";

// The floors are route handlers of the very build that is measured. The product has none of them: they are added to a
// copy of the sources, which is built and measured in its place.

const CONSTANT = `
export const dynamic = "force-dynamic";
export function POST() {
  return Response.json({ id: "constant" }, { status: 201 });
}`;

const VERIFY = `
import { authenticate } from "@/lib/platform/api/authenticate";
export async function POST(request: Request) {
  try {
    await authenticate(request.headers.get("authorization"));
    return Response.json({ id: "verified" }, { status: 201 });
  } catch {
    return Response.json({ error: "refused" }, { status: 401 });
  }
}`;

const INSERT = `
import { authenticate } from "@/lib/platform/api/authenticate";
import { database } from "@/lib/platform/database/client";
import { newId } from "@/lib/domain/new-id";
const payload = new Uint8Array(600);
export async function POST(request: Request) {
  const { organizationId } = await authenticate(request.headers.get("authorization"));
  const id = newId("flr");
  await database().$queryRaw\`INSERT INTO bench_floor (id, organization_id, payload) VALUES (\${id}, \${organizationId}, \${payload}) RETURNING id\`;
  return Response.json({ id }, { status: 201 });
}`;

const COPIED = [
  "app",
  "components",
  "lib",
  "prisma",
  "public",
  "scripts",
  "proxy.ts",
  "next.config.ts",
  "postcss.config.mjs",
  "prisma.config.ts",
  "tailwind.config.ts",
  "tsconfig.json",
  "package.json",
  "package-lock.json",
];

/** A copy of the sources with the floors among its routes. Its modules are hard links where the disk has them. */
export function copyWithFloors(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of COPIED) cpSync(name, path.join(folder, name), { recursive: true });
  const linked = spawnSync("cp", ["-al", "node_modules", folder]).status === 0;
  if (!linked) cpSync("node_modules", path.join(folder, "node_modules"), { recursive: true });
  for (const [name, source] of Object.entries({ constant: CONSTANT, verify: VERIFY, insert: INSERT })) {
    const route = path.join(folder, "app", "api", "bench", name);
    mkdirSync(route, { recursive: true });
    writeFileSync(path.join(route, "route.ts"), source);
  }
}

import { mkdir, open, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import type { SealedSecret } from "../vault/envelope";

/** A host's answer to a renewal: the new token, sealed, and when it ends. */
export interface SealedAnswer {
  /** The renewal's. */
  id: string;
  sealed: SealedSecret;
  expiresAt: Date;
}

const SUFFIX = ".sealed";

const stored = z.object({
  id: z.string().regex(/^rot_[0-9a-f]+$/),
  masterKeyId: z.string(),
  sealed: z.base64(),
  expiresAt: z.iso.datetime(),
});

/** Puts an answer on the disk: when this returns it is there, whole, whatever becomes of the process or the machine. */
export async function writeAnswer(folder: string, { id, sealed, expiresAt }: SealedAnswer): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const text = JSON.stringify({
    id,
    masterKeyId: sealed.masterKeyId,
    sealed: Buffer.from(sealed.sealed).toString("base64"),
    expiresAt,
  } satisfies Record<keyof z.infer<typeof stored>, unknown>);
  const file = await open(fileOf(folder, id), "w", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  // The name is kept by the folder, which has its own way to the disk.
  const named = await open(folder, "r");
  try {
    await named.sync();
  } finally {
    await named.close();
  }
}

/** The answers that wait here. What is not one of ours, or not written to its end, is left where it is. */
export async function readAnswers(folder: string): Promise<SealedAnswer[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const names = (await readdir(folder)).filter((name) => name.endsWith(SUFFIX));
  const read = await Promise.all(names.map((name) => readFile(path.join(folder, name), "utf8").catch(() => "")));
  return read.flatMap((text) => parse(text) ?? []);
}

export async function removeAnswer(folder: string, id: string): Promise<void> {
  await rm(fileOf(folder, id), { force: true });
}

function fileOf(folder: string, id: string): string {
  return path.join(folder, `${id}${SUFFIX}`);
}

function parse(text: string): SealedAnswer | undefined {
  try {
    const { id, masterKeyId, sealed, expiresAt } = stored.parse(JSON.parse(text));
    const bytes = Uint8Array.from(Buffer.from(sealed, "base64"));
    return { id, sealed: { masterKeyId, sealed: bytes }, expiresAt: new Date(expiresAt) };
  } catch {
    return undefined;
  }
}

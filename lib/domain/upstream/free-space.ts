import { statfs } from "node:fs/promises";

/** Whether the disk that holds the folder has at least so many bytes that are free for us. */
export async function hasFreeSpace(folder: string, bytes: number): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize >= bytes;
}

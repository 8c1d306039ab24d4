import { createHash } from "node:crypto";
import { Transform } from "node:stream";

/** Lets everything through, and knows afterwards how much it was and its SHA-256. */
export function hashing(): { through: Transform; result: () => { bytes: number; sha256: string } } {
  const hash = createHash("sha256");
  let bytes = 0;
  const through = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  return { through, result: () => ({ bytes, sha256: hash.digest("hex") }) };
}

import { createHash } from "node:crypto";
import { Secret } from "otpauth";

const HOW_MANY = 10;
const BYTES = 10;

/** Codes of 80 random bits each, to be shown once, and the hashes that alone are stored. */
export function newRecoveryCodes(): { codes: string[]; hashes: string[] } {
  const codes = Array.from({ length: HOW_MANY }, () => {
    const { base32 } = new Secret({ size: BYTES });
    return base32.toLowerCase().match(/.{4}/g)!.join("-");
  });
  return { codes, hashes: codes.map(hashRecoveryCode) };
}

/** As it is stored, however it was typed. So many random bits need no slow hash. */
export function hashRecoveryCode(typed: string): string {
  return createHash("sha256")
    .update(typed.toLowerCase().replace(/[^a-z2-7]/g, ""))
    .digest("hex");
}

import { Secret, TOTP } from "otpauth";

// RFC 6238 as every authenticator app has it: SHA-1, six digits, a step of 30 seconds.
const STEPS_OFF = 1;

function totp(secret: string, email = ""): TOTP {
  return new TOTP({ issuer: "Latchkey", label: email, secret: Secret.fromBase32(secret) });
}

/** 160 random bits in base32, as apps take them when they are typed. */
export function newTotpSecret(): string {
  return new Secret({ size: 20 }).base32;
}

/** The `otpauth://` address that an app reads from a QR code. It holds the secret. */
export function totpAddress(secret: string, email: string): string {
  return totp(secret, email).toString();
}

/** The step that a code of six digits belongs to, now or one step off; null for a wrong one. */
export function stepOfCode(secret: string, code: string, now: Date): number | null {
  // The library throws for six letters that take more than six bytes.
  if (!/^\d{6}$/.test(code)) return null;
  const timestamp = now.getTime();
  const delta = totp(secret).validate({ token: code, timestamp, window: STEPS_OFF });
  return delta === null ? null : TOTP.counter({ timestamp }) + delta;
}

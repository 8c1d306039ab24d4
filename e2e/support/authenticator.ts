import { Secret, TOTP } from "otpauth";

const STEP_MS = 30_000;

/** What an authenticator app with this key shows, so many steps of 30 seconds from now. */
export function appCode(key: string, steps = 0): string {
  return new TOTP({ secret: Secret.fromBase32(key) }).generate({ timestamp: Date.now() + steps * STEP_MS });
}

interface WireSecret {
  username?: string | null;
  password: string;
  expires_at?: Date | null;
}

/** A new secret as the verbs take it. */
export function secretFromWire({ username, password, expires_at: expiresAt }: WireSecret) {
  return { username, password, expiresAt: expiresAt ?? undefined };
}

interface HandedSecret {
  /** The repository's name, which the secret is for. */
  repository: string;
  username: string | null;
  secret: string;
}

let handed: HandedSecret | undefined;

/** Keeps what was pasted with a clone address for the credential form that comes next: in this page's memory only. */
export function handSecret(secret: HandedSecret): void {
  handed = secret;
}

/** What was handed over for this repository, once. */
export function takeHandedSecret(repository: string): HandedSecret | undefined {
  const taken = handed?.repository === repository ? handed : undefined;
  handed = undefined;
  return taken;
}

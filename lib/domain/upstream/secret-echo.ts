/** Shorter ones are words that a branch may well be called. */
const SHORTEST_PASSWORD = 16;
const SHORTEST_HEADER = 12;

/** Looks for a secret in what the upstream that it was sent to answers. */
export interface EchoWatch {
  /** Whether the secret stands in this piece, or across its border with the one before. */
  seenIn(piece: Buffer): boolean;
  /** Whether it stands in this address, plainly or encoded as addresses are. */
  seenInPath(path: string): boolean;
}

/**
 * Watches for the secret of this `Authorization` header, as the header has it and bare. A host that hands it back wants
 * it to be stored and shown, as a branch's name for one; what it may have made of it by a transformation of its own
 * cannot be known. Null, nothing was sent, sees nothing.
 */
export function watchForEcho(authorization: string | null): EchoWatch {
  const forms = authorization === null ? [] : formsOf(authorization);
  const bytes = forms.map((form) => Buffer.from(form));
  const border = Math.max(0, ...bytes.map(({ length }) => length - 1));
  let tail: Buffer = Buffer.alloc(0);
  return {
    seenIn(piece) {
      if (bytes.length === 0) return false;
      const across = Buffer.concat([tail, piece.subarray(0, border)]);
      tail = piece.length >= border ? piece.subarray(piece.length - border) : across.subarray(-border);
      return bytes.some((form) => piece.includes(form) || across.includes(form));
    },
    seenInPath: (path) => forms.some((form) => path.includes(form) || path.includes(encodeURIComponent(form))),
  };
}

function formsOf(authorization: string): string[] {
  const header = authorization.slice(authorization.indexOf(" ") + 1);
  const signIn = Buffer.from(header, "base64").toString("utf8");
  const password = signIn.slice(signIn.indexOf(":") + 1);
  const bare = header.replace(/=+$/, "");
  return [
    ...(bare.length >= SHORTEST_HEADER ? [bare] : []),
    ...(password.length >= SHORTEST_PASSWORD ? [password] : []),
  ];
}

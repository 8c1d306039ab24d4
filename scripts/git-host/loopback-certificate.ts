import { generate } from "selfsigned";

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * A certificate that signed itself and is good as its own authority: for `localhost` and 127.0.0.1 unless other names
 * are given, and for a year unless it has ended.
 */
export function loopbackCertificate(
  name: string,
  { names, ended = false }: { names?: string[]; ended?: boolean } = {},
) {
  return generate([{ name: "commonName", value: name }], {
    keyType: "ec",
    algorithm: "sha256",
    ...(ended && { notBeforeDate: new Date(Date.now() - 2 * DAY_MS), notAfterDate: new Date(Date.now() - DAY_MS) }),
    extensions: [
      { name: "basicConstraints", cA: true },
      {
        name: "subjectAltName",
        altNames: names?.map((value) => ({ type: 2 as const, value })) ?? [
          { type: 2, value: "localhost" },
          { type: 7, ip: "127.0.0.1" },
        ],
      },
    ],
  });
}

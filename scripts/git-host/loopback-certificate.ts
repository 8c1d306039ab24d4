import { generate } from "selfsigned";

/** A certificate that signed itself, for `localhost` and 127.0.0.1; good as its own authority. */
export function loopbackCertificate(name: string) {
  return generate([{ name: "commonName", value: name }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [
      { name: "basicConstraints", cA: true },
      {
        name: "subjectAltName",
        altNames: [
          { type: 2, value: "localhost" },
          { type: 7, ip: "127.0.0.1" },
        ],
      },
    ],
  });
}

import { exportPKCS8, exportSPKI, generateKeyPair } from "jose";

/** A fresh ES256 pair in PEM, made by the browser's own cryptography. */
export async function makeKeyPair(): Promise<{ publicKeyPem: string; privateKeyPem: string }> {
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  return { publicKeyPem: await exportSPKI(publicKey), privateKeyPem: await exportPKCS8(privateKey) };
}

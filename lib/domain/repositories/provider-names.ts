import type { ProviderName } from "@/lib/contract/providers";
import type { Provider } from "@/lib/platform/prisma-client/enums";

/** The database spells sr.ht without its dot. */
export function providerFromWire(name: ProviderName): Provider {
  return name === "sr.ht" ? "srht" : name;
}

export function providerToWire(provider: Provider): ProviderName {
  return provider === "srht" ? "sr.ht" : provider;
}

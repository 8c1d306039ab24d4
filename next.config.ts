import type { NextConfig } from "next";

const config: NextConfig = {
  poweredByHeader: false,
  reactStrictMode: true,
  // Native addons, and modules that must stay one instance across bundles.
  serverExternalPackages: ["pg", "@node-rs/argon2", "pino"],
  // Loading every page before the first request is answered would keep a restart out for two seconds longer.
  experimental: { preloadEntriesOnStart: false },
};

export default config;

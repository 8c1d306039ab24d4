import type { NextConfig } from "next";

const config: NextConfig = {
  poweredByHeader: false,
  reactStrictMode: true,
  // Native addons, and modules that must stay one instance across bundles.
  serverExternalPackages: ["pg", "@node-rs/argon2", "pino"],
  // Loading every page before the first request is answered would double the time that a restart is out for.
  experimental: { preloadEntriesOnStart: false },
};

export default config;

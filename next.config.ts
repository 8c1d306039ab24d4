import type { NextConfig } from "next";

const config: NextConfig = {
  poweredByHeader: false,
  reactStrictMode: true,
  // Native addons, and modules that must stay one instance across bundles.
  serverExternalPackages: ["pg", "@node-rs/argon2", "pino"],
};

export default config;

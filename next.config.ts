import type { NextConfig } from "next";

/** Behind a proxy that hides the public host, its origin is named by SITE_URL; forms are accepted from there and from the host itself. */
const siteHost = URL.parse(process.env.SITE_URL ?? "")?.host;

const config: NextConfig = {
  poweredByHeader: false,
  reactStrictMode: true,
  // Types are checked by `npm run check`, for both runtimes and with the portable rules; the build does not do it twice.
  typescript: { ignoreBuildErrors: true },
  allowedDevOrigins: ["127.0.0.1"],
  devIndicators: false,
  experimental: {
    serverActions: { allowedOrigins: siteHost ? [siteHost] : [] },
    optimizePackageImports: ["radix-ui"],
  },
  headers: async () => [
    {
      source: "/:path*",
      headers: [
        { key: "x-content-type-options", value: "nosniff" },
        { key: "referrer-policy", value: "strict-origin-when-cross-origin" },
        { key: "x-frame-options", value: "DENY" },
        { key: "cross-origin-opener-policy", value: "same-origin" },
        { key: "permissions-policy", value: "camera=(), microphone=(), geolocation=(), payment=()" },
      ],
    },
  ],
};

export default config;

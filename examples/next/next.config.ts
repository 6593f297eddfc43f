import type { NextConfig } from "next";

const config: NextConfig = {
  // This folder stands in a repository with other packages.
  turbopack: { root: import.meta.dirname },
};

export default config;

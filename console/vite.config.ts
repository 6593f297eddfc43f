import { fileURLToPath } from 'node:url';
import { lingui } from '@lingui/vite-plugin';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const api = process.env.API_URL ?? 'http://127.0.0.1:54330';

/** Vite's own server writes inline styles and scripts, which the policy of the built page forbids. */
const withoutPolicy: Plugin = {
  name: 'without-policy',
  apply: 'serve',
  transformIndexHtml: (html) => html.replace(/ *<meta http-equiv="Content-Security-Policy".*\n/, ''),
};

// A slow telephone waits for every file: what any visitor needs is one, and the small parts of which every screen is built are another.
const parts = /console[\\/]src[\\/]components[\\/](Asked|Badge|Empty|Facts|Field|Meter|Money|Notice|PageHeader|ProblemNote|problems|Skeleton|Thumbnail)\b/;
const entrance = /console[\\/]src[\\/](screens[\\/]sign-in[\\/]Entrance|session[\\/](useSignIn|words))\b/;
const groups = [
  { name: 'start', tags: ['$initial' as const], priority: 3 },
  { name: 'parts', test: parts, priority: 2 },
  { name: 'entrance', test: entrance, priority: 1 },
];

export default defineConfig({
  root: here('.'),
  publicDir: false,
  plugins: [react(), lingui({ cwd: here('.'), macroTransform: true, failOnMissing: process.env.UNTRANSLATED !== 'may-pass', failOnCompileError: true }), withoutPolicy],
  resolve: { alias: { 'content-catalyst-sdk': here('../sdk/src/index.ts') } },
  build: {
    outDir: here('dist'),
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: 'manifest.json',
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1000,
    rolldownOptions: { output: { codeSplitting: { groups } } },
  },
  server: {
    port: 3000,
    strictPort: true,
    proxy: { '/api': api, '/icon.svg': api, '/agents': api, '/docs': api },
    fs: { allow: [here('.'), here('../sdk/src')] },
  },
});

import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** Where `make ui-dev` finds the API. */
const SERVER = process.env.CHATLOOM_SERVER ?? "http://127.0.0.1:8080";

const ours = (name: string) => fileURLToPath(new URL(`src/ui/schema-form/${name}.ts`, import.meta.url));

const PARTS =
  /node_modules\/(lucide-react|@radix-ui(?!\/react-tabs)|@tanstack)\/|src\/(ui(?!\/tabs)|api)\/[^/]+$/;

const toServer = { target: SERVER, changeOrigin: false };

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: {
    tsconfigPaths: true,
    // What rjsf brings and our forms do not need: a compiler of code, which the policy forbids, and 25 kB gzipped. What
    // it imports from its own folders comes with the forms that draw it, 25 kB more (src/ui/schema-form/).
    alias: [
      { find: "@rjsf/validator-ajv8", replacement: ours("validator") },
      { find: "markdown-to-jsx/react", replacement: ours("markdown") },
      { find: "fast-uri", replacement: ours("uri") },
      { find: /^\.\.\/getDefaultRegistry\.js$/, replacement: ours("registry") },
      { find: /^\.\/shallowAllOfMerge\.js$/, replacement: ours("all-of") },
    ],
  },
  // The server puts a fresh nonce in this place of each answer (admin_api/ui.py).
  html: { cspNonce: "__CSP_NONCE__" },
  build: {
    manifest: true,
    license: true,
    sourcemap: false,
    target: "es2023",
    modulePreload: { polyfill: false },
    // HTTP/1.1 fetches six files at a time: a few larger ones are there sooner than many small ones. So what many pages
    // draw is one file, and what the studio begins with another. Of the rest, small files join those that are most like
    // them; joined further, contacts would load YAML and the forms.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "first", tags: ["$initial"], test: /^(?!.*(main\.tsx|index\.html)$)/, priority: 3 },
            { name: "parts", test: PARTS, minShareCount: 3, priority: 2 },
            { name: "studio", test: /src\/pages\/studio\/studio-page\.tsx$/, priority: 1 },
            { name: "shared", minShareCount: 2, entriesAware: true, entriesAwareMergeThreshold: 2000 },
          ],
        },
      },
    },
    chunkSizeWarningLimit: 1600, // the layout engine, which a worker fetches
  },
  server: {
    proxy: { "/api": toServer, "/simulator": toServer, "/static": toServer, "/health": toServer },
  },
  test: {
    include: ["src/**/*.test.ts", "src/**/*.test.tsx"],
    testTimeout: 60_000,
    server: { deps: { inline: [/@rjsf/] } }, // with the aliases above
  },
});

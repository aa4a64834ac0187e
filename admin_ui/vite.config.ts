import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** Where `make ui-dev` finds the API. */
const SERVER = process.env.CHATLOOM_SERVER ?? "http://127.0.0.1:8080";

const toServer = { target: SERVER, changeOrigin: false };

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: {
    tsconfigPaths: true,
    // rjsf's core names it for its tests; ours stands in, so that no compiler of code is in the build.
    alias: {
      "@rjsf/validator-ajv8": fileURLToPath(new URL("src/ui/schema-form/validator.ts", import.meta.url)),
    },
  },
  // The server puts a fresh nonce in this place of each answer (admin_api/ui.py).
  html: { cspNonce: "__CSP_NONCE__" },
  build: {
    manifest: true,
    license: true,
    sourcemap: false,
    target: "es2023",
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1600, // the layout engine, which a worker fetches
  },
  server: {
    proxy: { "/api": toServer, "/simulator": toServer, "/static": toServer, "/health": toServer },
  },
  test: { include: ["src/**/*.test.ts", "src/**/*.test.tsx"], testTimeout: 60_000 },
});

/** Builds the page into dist/web: static files that open from any web server, in any folder of it. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

/** The worker contains the filter. */
const filter = new URL("../../build/smtp-inspector.wasm", import.meta.url);
if (!existsSync(filter)) throw new Error(`${fileURLToPath(filter)} is missing; build it with: npm run build`);

/** HTML that the page writes allows only this style; a browser can compute the hash only in secure contexts. */
const style = readFileSync(new URL("../html/session.css", import.meta.url));

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  // Relative, so that the page works below any path.
  base: "./",
  publicDir: false,
  logLevel: "warn",
  envDir: false,
  define: { SESSION_CSS_SHA256: JSON.stringify(createHash("sha256").update(style).digest("base64")) },
  build: {
    outDir: fileURLToPath(new URL("../../dist/web", import.meta.url)),
    emptyOutDir: true,
    target: "es2023",
    // Browsers since 2024: they know light-dark(), which would otherwise be rewritten.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // Its fallback fetches, which the page's policy forbids.
    modulePreload: false,
    reportCompressedSize: false,
  },
});

import { defineConfig } from "vite";
import { desk } from "./build/desk.ts";
import { icons } from "./build/icons.ts";
import { shell } from "./build/shell.ts";
import pkg from "./package.json" with { type: "json" };

const version = (major: number, minor = 0): number => (major << 16) | (minor << 8);

export default defineConfig({
  base: "/",
  define: { __APP_VERSION__: JSON.stringify(pkg.version) },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  css: {
    transformer: "lightningcss",
    lightningcss: {
      targets: { chrome: version(100), safari: version(15, 4), ios_saf: version(15, 4), firefox: version(110) },
    },
  },
  build: {
    outDir: "../static/built",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: ["chrome100", "safari15.4", "firefox110"],
    cssTarget: ["chrome100", "safari15.4", "firefox110"],
    cssMinify: "lightningcss",
    rollupOptions: {
      input: { index: "index.html", sw: "src/sw.ts" },
      output: { entryFileNames: (chunk) => (chunk.name === "sw" ? "sw.js" : "assets/[name]-[hash].js") },
    },
  },
  worker: { format: "es" },
  plugins: [icons(), shell(), desk()],
});

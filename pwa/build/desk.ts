import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

/** What the desk's pages load, from npm like all else. Not part of the phone app's shell: its worker never sees it. */
const FILES = {
  "htmx.min.js": "node_modules/htmx.org/dist/htmx.min.js",
  "sse.js": "node_modules/htmx-ext-sse/sse.js",
};

export function desk(): Plugin {
  return {
    name: "stationlink-desk",
    apply: "build",
    writeBundle({ dir }) {
      const target = join(dir ?? "dist", "desk");
      mkdirSync(target, { recursive: true });
      for (const [name, source] of Object.entries(FILES)) copyFileSync(source, join(target, name));
    },
  };
}

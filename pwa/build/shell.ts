import { createHash } from "node:crypto";
import type { Plugin } from "vite";

/** Read only when the camera is first used, and large: cached then, not at installation. */
const LAZY = /\.wasm$|\.map$/;

/** Tells the worker which files make the app start, and a version that changes exactly when one of them does. */
export function shell(): Plugin {
  return {
    name: "stationlink-shell",
    apply: "build",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const worker = bundle["sw.js"];
        if (worker?.type !== "chunk") throw new Error("the build has no sw.js");
        const names = Object.keys(bundle).filter((name) => name !== "sw.js").sort();
        const files = names.filter((name) => !LAZY.test(name));
        const lazy = names.filter((name) => name.endsWith(".wasm")).map((name) => `/${name}`);
        const digest = createHash("sha256");
        for (const name of files) {
          const item = bundle[name];
          digest.update(name).update(item?.type === "chunk" ? item.code : (item?.source ?? ""));
        }
        const paths = files.map((name) => (name === "index.html" ? "/" : `/${name}`));
        const told = JSON.stringify({ version: digest.digest("hex").slice(0, 12), files: paths, lazy });
        if (!worker.code.includes("__SHELL__")) throw new Error("sw.js does not read __SHELL__");
        worker.code = worker.code.replaceAll("__SHELL__", () => told);
      },
    },
  };
}

import type { Plugin } from "vite";
import { png, type Rgba } from "./png.ts";

const GREEN: Rgba = [0, 70, 61, 255];
const WHITE: Rgba = [255, 255, 255, 255];
const SPARK: Rgba = [198, 242, 78, 255];
const NOTHING: Rgba = [0, 0, 0, 0];

const BOLT: readonly (readonly [number, number])[] = [
  [0.53, 0.29], [0.4, 0.5], [0.485, 0.5], [0.455, 0.67], [0.61, 0.43], [0.515, 0.43], [0.56, 0.29],
];

function inside(polygon: readonly (readonly [number, number])[], x: number, y: number): boolean {
  let within = false;
  polygon.forEach(([ax, ay], i) => {
    const [bx, by] = polygon[(i + polygon.length - 1) % polygon.length] ?? [0, 0];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) within = !within;
  });
  return within;
}

function inRounded(x: number, y: number, left: number, top: number, right: number, bottom: number, radius: number): boolean {
  if (x < left || x > right || y < top || y > bottom) return false;
  const dx = Math.max(left + radius - x, x - right + radius, 0);
  const dy = Math.max(top + radius - y, y - bottom + radius, 0);
  return dx * dx + dy * dy <= radius * radius;
}

/** The corners that a scanner frame has, around the station. */
function inFrame(x: number, y: number): boolean {
  const band = inRounded(x, y, 0.16, 0.16, 0.84, 0.84, 0.1) && !inRounded(x, y, 0.205, 0.205, 0.795, 0.795, 0.06);
  return band && Math.abs(x - 0.5) > 0.17 && Math.abs(y - 0.5) > 0.17;
}

function drawing(x: number, y: number): Rgba {
  if (inside(BOLT, x, y)) return SPARK;
  if (inFrame(x, y)) return SPARK;
  if (inRounded(x, y, 0.33, 0.23, 0.67, 0.73, 0.06) || inRounded(x, y, 0.455, 0.72, 0.545, 0.8, 0)) {
    return inRounded(x, y, 0.365, 0.265, 0.635, 0.695, 0.035) ? GREEN : WHITE;
  }
  return GREEN;
}

const rounded = (x: number, y: number): Rgba => (inRounded(x, y, 0, 0, 1, 1, 0.2) ? drawing(x, y) : NOTHING);
/** Launchers cut maskable icons to a circle: the drawing stays inside the middle 80 %. */
const maskable = (x: number, y: number): Rgba => drawing((x - 0.5) * 1.15 + 0.5, (y - 0.5) * 1.15 + 0.5);

export const ICONS: readonly { file: string; size: number; purpose: "any" | "maskable"; pixel: (x: number, y: number) => Rgba }[] = [
  { file: "icons/icon-192.png", size: 192, purpose: "any", pixel: rounded },
  { file: "icons/icon-512.png", size: 512, purpose: "any", pixel: rounded },
  { file: "icons/maskable-512.png", size: 512, purpose: "maskable", pixel: maskable },
  { file: "icons/apple-180.png", size: 180, purpose: "any", pixel: drawing },
];

export const MANIFEST = {
  id: "/",
  name: "Stationlink",
  short_name: "Stationlink",
  description: "Put charging stations into service: scan, place, describe, connect, test, hand over.",
  lang: "en",
  start_url: "/",
  scope: "/",
  display: "standalone",
  orientation: "portrait",
  background_color: "#f3f5f2",
  theme_color: "#00463d",
  icons: ICONS.filter((icon) => !icon.file.includes("apple")).map(({ file, size, purpose }) => ({
    src: `/${file}`,
    sizes: `${size}x${size}`,
    type: "image/png",
    purpose,
  })),
};

/** Icons and manifest are drawn at build time, so that no binary stands in the repository. */
export function icons(): Plugin {
  return {
    name: "stationlink-icons",
    apply: "build",
    generateBundle() {
      for (const icon of ICONS) {
        this.emitFile({ type: "asset", fileName: icon.file, source: png(icon.size, icon.pixel) });
      }
      this.emitFile({ type: "asset", fileName: "manifest.webmanifest", source: JSON.stringify(MANIFEST) });
    },
  };
}

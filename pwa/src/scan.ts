/** What stands in a scanned or typed text, before the server says what it means. A code is input, never authority. */

const LONGEST = 500;

/** One line of printable text: codes carry line ends, group separators and byte order marks. */
export function tidy(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]+/gu, " ").trim().slice(0, LONGEST);
}

const WIFI_FIELD = /(?:^|;)\s*([A-Z]):((?:\\.|[^;\\])*)/gi;

/** A Wi-Fi code names the station in its network; the key in it is nobody's business and never leaves the phone. */
function wifiName(text: string): string | null {
  if (!/^WIFI:/i.test(text)) return null;
  for (const [, field, value] of text.slice(5).matchAll(WIFI_FIELD)) {
    if (field?.toUpperCase() === "S") return (value ?? "").replace(/\\(.)/g, "$1");
  }
  return "";
}

const SECRET = /((?:^|[\s;,&?"'{])(?:pin|password|passwd|pwd|psk|pass|puk|security[ _-]?code|secret|key)["']?\s*[:=]\s*["']?)([^\s;,&"'}]+)/gi;

/** The text without the secrets that makers print beside the serial: PIN, password, Wi-Fi key. */
export function withoutSecrets(text: string): string {
  const name = wifiName(text);
  return name === null ? text.replace(SECRET, "$1***") : name;
}

/** What goes to the server for a scan. */
export function sendable(text: string): string {
  return tidy(withoutSecrets(tidy(text)));
}

/** The host of an address, as a list that is empty for a text that is none. */
export function hostOf(text: string): string[] {
  try {
    return [new URL(text).host];
  } catch {
    return [];
  }
}

/** The label code in one of our own addresses, in any case; null for everything else, which is never followed. */
export function labelIn(text: string, hosts: readonly string[]): string | null {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return null;
  }
  if (!hosts.some((host) => host.toLowerCase() === url.host.toLowerCase())) return null;
  const code = /^\/s\/([0-9a-z-]+)\/?$/i.exec(url.pathname)?.[1] ?? /^#\/scan\/([^/]+)$/i.exec(url.hash)?.[1];
  return code ? decodeURIComponent(code).toUpperCase() : null;
}

/** The same code stays before the lens for many frames: one reading each until it was gone for a while. */
export class Once {
  private last = "";
  private at = -Infinity;

  constructor(private readonly quietMs = 2_000) {}

  /** True when this reading is news. */
  take(text: string, now: number): boolean {
    const news = text !== this.last || now - this.at > this.quietMs;
    this.last = text;
    this.at = now;
    return news;
  }
}

/** The square in the middle that is read on most frames; every fourth frame is read whole. */
export function cropOf(width: number, height: number, frame: number): { x: number; y: number; width: number; height: number } {
  if (frame % 4 === 3) return { x: 0, y: 0, width, height };
  const side = Math.round(Math.min(width, height) * 0.9);
  return { x: Math.round((width - side) / 2), y: Math.round((height - side) / 2), width: side, height: side };
}

/** Pixels to decode at: more cost time and find nothing that these miss. */
export function fitted(width: number, height: number, longest: number): { width: number; height: number } {
  const scale = Math.min(1, longest / Math.max(width, height, 1));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

export type CameraState = "starting" | "live" | "insecure" | "denied" | "none" | "busy" | "stopped";

/** Why there is no camera, from the error of getUserMedia. */
export function cameraTrouble(error: unknown): CameraState {
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "none";
  return "busy";
}

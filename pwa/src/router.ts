import { signal } from "@preact/signals";

/** Where the app is: the parts of the address behind #/, decoded, and what follows the question mark. */
export interface Route {
  parts: string[];
  query: URLSearchParams;
}

export function parse(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const parts = path.split("/").filter(Boolean).map(decoded);
  return { parts, query: new URLSearchParams(query) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function path(...parts: (string | number)[]): string {
  return `#/${parts.map((part) => encodeURIComponent(part)).join("/")}`;
}

export const route = signal<Route>({ parts: [], query: new URLSearchParams() });
const trail: string[] = [];

export function start(): void {
  const read = (): void => {
    if (trail.at(-2) === location.hash) trail.pop();
    else if (trail.at(-1) !== location.hash) trail.push(location.hash);
    route.value = parse(location.hash);
  };
  addEventListener("hashchange", read);
  read();
}

export function go(hash: string): void {
  location.hash = hash;
}

/** Takes the place of this screen, so that Back does not return to it. */
export function replace(hash: string): void {
  trail.pop();
  if (trail.at(-1) === hash) return history.back();
  location.replace(hash);
}

/** Up to the screen above: by history when that is where we came from, else in place of this one. */
export function up(parent: string): void {
  if (trail.at(-2) === parent) history.back();
  else replace(parent);
}

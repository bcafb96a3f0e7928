/// <reference lib="webworker" />
/**
 * The service worker: it starts the app without a network, and does nothing else.
 *
 * It answers only for the app's page and its hashed files. Writes, /field, /api, /desk and labels go to the network
 * as if it were not there. A new version waits until the page asks for it.
 */
declare const self: ServiceWorkerGlobalScope;
/** Put in by the build: what the app needs to start, and a version that follows its content. */
declare const __SHELL__: { version: string; files: string[]; lazy: string[] };

const shell = __SHELL__;
const PREFIX = "stationlink-";
const CACHE = PREFIX + shell.version;
const FILES = new Set(shell.files);

async function install(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll(shell.files.map((path) => new Request(path, { cache: "reload" })));
  await Promise.all(shell.lazy.map((path) => keepAcrossVersions(cache, path)));
}

/** The scanner's wasm is large and rarely changes: a new version takes it over from the old one's cache. */
async function keepAcrossVersions(cache: Cache, path: string): Promise<void> {
  const kept = await caches.match(path);
  if (kept) await cache.put(path, kept);
}

async function dropOld(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)));
  await self.clients.claim();
}

/** Hashed files never change under their name: the cache may answer, and keeps what it fetched (the scanner). */
async function fromCache(request: Request | string): Promise<Response> {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request);
  if (kept) return kept;
  const fresh = await fetch(request);
  if (fresh.ok) await cache.put(request, fresh.clone());
  return fresh;
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(dropOld()));
self.addEventListener("message", (event) => {
  if (event.data === "take-over") void self.skipWaiting();
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname === "/" || url.pathname === "/index.html") event.respondWith(fromCache("/"));
  else if (FILES.has(url.pathname) || url.pathname.startsWith("/assets/")) event.respondWith(fromCache(url.pathname));
});

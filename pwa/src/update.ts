import { signal } from "@preact/signals";
import wasm from "zxing-wasm/reader/zxing_reader.wasm?url";
import { me } from "./state";

/** A new version of the app was fetched and waits for the person's word. */
export const updateWaits = signal(false);

let waiting: ServiceWorker | null = null;
let asked = false;

const LOOK_AGAIN_MS = 60 * 60 * 1000;

/** The scanner's wasm is fetched once, when the app has long started, so that a code can be read without signal. */
const SCANNER_MS = 8_000;

async function keepScanner(): Promise<void> {
  if (me.value && navigator.serviceWorker.controller) await fetch(wasm).catch(() => undefined);
}

function noticed(registration: ServiceWorkerRegistration): void {
  waiting = registration.waiting;
  updateWaits.value = waiting !== null && navigator.serviceWorker.controller !== null;
}

/** Starts without signal from the second visit on; absent on plain HTTP, where the app works with signal only. */
export async function watchUpdates(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (asked) location.reload();
  });
  setTimeout(() => void keepScanner(), SCANNER_MS);
  const registration = await navigator.serviceWorker.register("/sw.js");
  noticed(registration);
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", () => noticed(registration));
  });
  setInterval(() => void registration.update().catch(() => undefined), LOOK_AGAIN_MS);
}

export function useUpdate(): void {
  asked = true;
  waiting?.postMessage("take-over");
}

import { signal } from "@preact/signals";
import { isRemote } from "./ladder";
import { keepViews, me, refreshHome, refreshMe, refreshView, signedOut, sync, tick, viewOf } from "./state";
import type { CommissioningView } from "./types";

/** True while the server's stream is open: what the screens show arrives by itself. */
export const streaming = signal(false);

const RETRY_MS = [2_000, 5_000, 15_000, 30_000];
const POLL_MS = 4_000;
const POLL_BESIDE_STREAM_MS = 20_000;
/** A station on another platform is looked at there: often at first, then slower, until somebody asks. */
const LOOK_MS = [3_000, 5_000, 5_000, 10_000, 15_000, 30_000, 60_000];

/** When the station on the screen is asked about next, by this phone's clock. */
export const nextLook = signal<number | null>(null);
let hurry: () => void = () => undefined;

export function lookNow(): void {
  hurry();
}

let source: EventSource | null = null;
let failures = 0;
let retryTimer: ReturnType<typeof setTimeout> | undefined;

function close(): void {
  clearTimeout(retryTimer);
  source?.close();
  source = null;
  streaming.value = false;
}

/** EventSource comes back by itself after a break, but gives up on an answer that is no stream: then we ask again. */
function listen(): void {
  if (source || document.hidden || !me.value || signedOut.value) return;
  const made = new EventSource("/field/stream");
  source = made;
  made.addEventListener("open", () => {
    streaming.value = true;
    failures = 0;
  });
  made.addEventListener("commissioning", (event) => {
    void keepViews([JSON.parse((event as MessageEvent<string>).data) as CommissioningView]);
  });
  made.addEventListener("error", () => {
    streaming.value = false;
    if (made.readyState !== EventSource.CLOSED) return;
    close();
    retryTimer = setTimeout(listen, RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)]);
  });
}

/** Called when the app comes to the front: what happened meanwhile, the stream, and what still waits. */
export async function wake(): Promise<void> {
  tick.value = Date.now();
  if (!me.value) return;
  listen();
  void sync.kick("visible");
  await refreshMe().catch(() => undefined);
  listen();
  await refreshHome().catch(() => undefined);
}

export function sleep(): void {
  close();
}

function pause(id: string, looks: number): number {
  const view = viewOf(id);
  if (view && isRemote(view)) return LOOK_MS[Math.min(looks, LOOK_MS.length - 1)] ?? POLL_MS;
  return streaming.value ? POLL_BESIDE_STREAM_MS : POLL_MS;
}

/** Of a station on another platform also what keeps us from reading there. */
async function refresh(id: string, look: boolean): Promise<void> {
  await refreshView(id, look);
  const view = viewOf(id);
  if (view && isRemote(view)) await refreshMe();
}

/** Follows one commissioning while its screen is shown: the stream if it is open, and by asking now and then. */
export function follow(id: string): () => void {
  let timer: ReturnType<typeof setTimeout>;
  let [stopped, looks] = [false, 0];
  const ask = async (look = false): Promise<void> => {
    clearTimeout(timer);
    nextLook.value = null;
    if (!document.hidden && !signedOut.value) await refresh(id, look).catch(() => undefined);
    if (stopped) return;
    const wait = pause(id, looks++);
    nextLook.value = Date.now() + wait;
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), wait);
  };
  hurry = () => {
    looks = 0;
    void ask(true);
  };
  void ask();
  return () => {
    stopped = true;
    hurry = () => undefined;
    clearTimeout(timer);
  };
}

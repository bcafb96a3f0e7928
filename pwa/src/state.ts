import { computed, signal } from "@preact/signals";
import { makeApi, type Api } from "./api";
import { Db, isNewer } from "./db";
import { uuid } from "./ids";
import { again, counts, insist, isPending, newItem, newOperation, outdated, overlay, withDependants } from "./outbox";
import { exclusively, IDLE, rebaseOn, Sync, type SyncStatus } from "./sync";
import type { CommissioningView, CpoInfo, Hint, Home, Me, OperationBodies, OperationKind, Queued } from "./types";

/**
 * What the screens see. Everything comes from this phone's database first and from the network when it answers:
 * no screen waits for the network to show what the phone knows.
 */
export interface Settings {
  language: string | null;
  theme: "auto" | "light" | "dark";
}

export const settings = signal<Settings>({ language: null, theme: "auto" });
export const me = signal<Me | null>(null);
export const signedOut = signal(false);
export const loaded = signal(false);
export const broken = signal<string | null>(null);
export const queue = signal<Queued[]>([]);
export const snapshots = signal<ReadonlyMap<string, CommissioningView>>(new Map());
export interface HomeIds {
  open: string[];
  recent: string[];
  stamp: number;
}
const NO_HOME: HomeIds = { open: [], recent: [], stamp: 0 };
export const homeIds = signal<HomeIds>(NO_HOME);
export const syncStatus = signal<SyncStatus>(IDLE);
export const reached = signal<boolean | null>(null);
export const heardAt = signal<number | null>(null);
/** The server's clock minus this phone's: ages are counted by the server's. */
export const skew = signal(0);
export const tick = signal(Date.now());
export const now = computed(() => tick.value + skew.value);

export const personId = computed(() => me.value?.person.id ?? null);
export const tally = computed(() => counts(queue.value, personId.value));
/** What somebody else left on this phone is shown in the outbox only. */
export const own = computed(() => queue.value.filter((item) => item.person_id === personId.value));
const pendingIds = computed(() => new Set(own.value.filter(isPending).map((item) => item.op.commissioning_id)));

export const db = new Db();
export const api: Api = makeApi({ heard });
const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("stationlink");

function heard(answered: boolean, status: number | null): void {
  reached.value = answered;
  if (!answered) return;
  heardAt.value = Date.now();
  if (status === 401) signedOut.value = true;
}

export const sync = new Sync({
  db,
  post: api.post,
  exclusive: exclusively(db, uuid(), navigator.locks),
  person: () => (signedOut.value ? null : personId.value),
  changed: async () => {
    await reload();
    channel?.postMessage("changed");
  },
  told: (status) => {
    syncStatus.value = status;
  },
});
channel?.addEventListener("message", () => void reload());

async function reload(): Promise<void> {
  const [operations, views] = await Promise.all([db.operations(), db.views()]);
  queue.value = operations;
  snapshots.value = new Map(views.map((view) => [view.id, view]));
}

/** Everything from the phone's own database; never waits for the network. */
export async function loadLocal(): Promise<void> {
  const [kept, person, ids] = await Promise.all([
    db.get<Settings>("kv", "settings"), db.get<Me>("kv", "me"), db.get<HomeIds>("kv", "home"),
  ]);
  if (kept) settings.value = kept;
  if (person) me.value = person;
  if (ids) homeIds.value = ids;
  await db.drop(outdated(await db.operations(), Date.now()));
  await reload();
  loaded.value = true;
}

export async function keepSettings(change: Partial<Settings>): Promise<void> {
  settings.value = { ...settings.value, ...change };
  await db.put("kv", "settings", settings.value);
}

/** A person signed in: what another one left in the cache goes, unsent changes stay locked to their maker. */
export async function welcome(person: Me): Promise<void> {
  skew.value = Date.parse(person.now) - Date.now();
  if (me.value && me.value.person.id !== person.person.id) await forgetViews();
  signedOut.value = false;
  me.value = person;
  await db.put("kv", "me", person);
  void sync.kick("manual");
}

async function forgetViews(): Promise<void> {
  await db.forgetViews();
  homeIds.value = NO_HOME;
  await reload();
}

/** What is known of the person and their CPOs, read anew; somebody else, or somebody who was signed out, is welcomed. */
export async function refreshMe(): Promise<void> {
  const wasOut = signedOut.value;
  const person = await api.get<Me>("/field/me");
  if (wasOut || me.value?.person.id !== person.person.id) return welcome(person);
  skew.value = Date.parse(person.now) - Date.now();
  me.value = person;
  await db.put("kv", "me", person);
}

export async function refreshHome(): Promise<void> {
  const home = await api.get<Home>("/field/home");
  await keepViews([...home.open, ...home.recent]);
  const ids = (views: CommissioningView[]): string[] => views.map((view) => view.id);
  homeIds.value = { open: ids(home.open), recent: ids(home.recent), stamp: home.stamp };
  await db.put("kv", "home", homeIds.value);
}

/** One that was begun here and not sent yet is nothing to ask for: its answer comes with the sending. */
export async function refreshView(id: string, look = false): Promise<void> {
  if (own.value.some((item) => isPending(item) && item.op.kind === "begin" && item.op.commissioning_id === id)) return;
  await keepViews([await api.get<CommissioningView>(`/field/commissionings/${encodeURIComponent(id)}`, look ? { look: "true" } : {})]);
}

/** Takes server views in, the newest of each. */
export async function keepViews(views: CommissioningView[]): Promise<void> {
  const next = new Map(snapshots.value);
  for (const view of views) if (isNewer(view, next.get(view.id))) next.set(view.id, view);
  snapshots.value = next;
  await db.keepViews(views);
}

/** One commissioning as the screens show it: the server's view with what this phone still has to send on top. */
export function viewOf(id: string): CommissioningView | null {
  const snapshot = snapshots.value.get(id) ?? null;
  return pendingIds.value.has(id) ? overlay(snapshot, own.value, id, me.value) : snapshot;
}

/** Mine: what the server listed, what changed since, and what this phone has begun or taken over and not sent yet. */
export const home = computed(() => {
  const listed = homeIds.value;
  const newer = [...snapshots.value.values()].filter((view) => view.stamp > listed.stamp).map((view) => view.id);
  const ids = [...new Set([...listed.open, ...listed.recent, ...newer, ...pendingIds.value])];
  const views = ids.flatMap((id) => (id && viewOf(id)) || []).filter((view) => view.mine);
  const newest = (a: string | null, b: string | null): number => (b ?? "").localeCompare(a ?? "");
  return {
    open: views.filter((view) => view.state === "open").sort((a, b) => newest(a.begun, b.begun)),
    recent: views.filter((view) => view.state === "handed_over").sort((a, b) => newest(a.handed_over, b.handed_over)).slice(0, 20),
  };
});

export function cpoOf(id: string | null): CpoInfo | null {
  return me.value?.cpos.find((cpo) => cpo.cpo_id === id) ?? null;
}

/** Saved when this returns; sent when there is a network. */
export async function enqueue<K extends OperationKind>(
  kind: K, commissioningId: string | null, body: OperationBodies[K], hint: Hint = {},
): Promise<void> {
  const made = new Date(Date.now() + skew.value);
  const item = await db.enqueue(newItem(newOperation(kind, commissioningId, body, made), personId.value ?? "", hint));
  queue.value = [...queue.value, item];
  channel?.postMessage("changed");
  void sync.kick("enqueue");
}

async function rewrite(seq: number, edit: (item: Queued) => Queued): Promise<void> {
  await db.change([seq], edit);
  await reload();
  void sync.kick("manual");
}

export async function retry(item: Queued): Promise<void> {
  const stood = withDependants(queue.value, item.seq).filter((one) => one.seq !== item.seq && one.state === "refused");
  for (const one of stood) await db.change([one.seq], again);
  await rewrite(item.seq, again);
}

export const takeMine = (item: Queued): Promise<void> => rewrite(item.seq, insist);

export async function discard(item: Queued): Promise<void> {
  await rebaseOn(db, item);
  await db.drop(withDependants(queue.value, item.seq).map((one) => one.seq));
  await reload();
}

/** Leaves this phone: the server forgets the session, the phone everything but its settings. */
export async function leave(): Promise<void> {
  await api.post("/field/leave", {}).catch(() => undefined);
  await db.forget();
  me.value = null;
  homeIds.value = NO_HOME;
  await reload();
}

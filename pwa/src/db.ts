import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { CommissioningView, Queued, Result } from "./types";

interface Schema extends DBSchema {
  operations: { key: number; value: Queued; indexes: { id: string } };
  views: { key: string; value: CommissioningView };
  kv: { key: string; value: unknown };
  drafts: { key: string; value: unknown };
  secrets: { key: string; value: string };
}

type Base = IDBPDatabase<Schema>;
type Table = "kv" | "drafts" | "secrets";

function open(name: string): Promise<Base> {
  return openDB<Schema>(name, 1, {
    upgrade(base) {
      base.createObjectStore("operations", { keyPath: "seq", autoIncrement: true }).createIndex("id", "op.id", { unique: true });
      base.createObjectStore("views", { keyPath: "id" });
      for (const table of ["kv", "drafts", "secrets"] as const) base.createObjectStore(table);
    },
  });
}

/** iOS closes the database behind an app that slept; opening it again is the cure (WebKit 277615). */
function isLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === "InvalidStateError" || /connection.*(lost|closing)/i.test(error.message);
}

/** A view that is older than the one kept says nothing new: an answer may overtake the stream, or the reverse. */
export function isNewer(view: CommissioningView, kept: CommissioningView | undefined): boolean {
  return !kept || view.stamp >= kept.stamp;
}

/** All that this phone keeps. Each method is one transaction: done when it returns, or not done. */
export class Db {
  private base: Promise<Base> | null = null;

  constructor(private readonly name = "stationlink") {}

  private async run<T>(work: (base: Base) => Promise<T>): Promise<T> {
    try {
      return await work(await (this.base ??= open(this.name)));
    } catch (error) {
      if (!isLost(error)) throw error;
      this.base = open(this.name);
      return work(await this.base);
    }
  }

  async close(): Promise<void> {
    (await this.base)?.close();
    this.base = null;
  }

  get<T>(table: Table, key: string): Promise<T | undefined> {
    return this.run(async (base) => (await base.get(table, key)) as T | undefined);
  }

  put(table: Table, key: string, value: unknown): Promise<void> {
    return this.run(async (base) => {
      await base.put(table, value as string, key);
    });
  }

  remove(table: Table, key: string): Promise<void> {
    return this.run((base) => base.delete(table, key));
  }

  operations(): Promise<Queued[]> {
    return this.run((base) => base.getAll("operations"));
  }

  /** Appends to the outbox; `seq` is given here and orders it. */
  enqueue(item: Omit<Queued, "seq">): Promise<Queued> {
    return this.run(async (base) => {
      const seq = await base.add("operations", item as Queued);
      return { ...item, seq };
    });
  }

  /** Rewrites operations that still exist; one that was removed meanwhile stays removed. */
  change(seqs: number[], edit: (item: Queued) => Queued): Promise<void> {
    return this.run(async (base) => {
      const tx = base.transaction("operations", "readwrite");
      for (const seq of seqs) {
        const item = await tx.store.get(seq);
        if (item) await tx.store.put(edit(item));
      }
      await tx.done;
    });
  }

  drop(seqs: number[]): Promise<void> {
    return this.run(async (base) => {
      const tx = base.transaction("operations", "readwrite");
      for (const seq of seqs) await tx.store.delete(seq);
      await tx.done;
    });
  }

  /** The server's verdicts and the views they led to, together: a receipt never shows without its effect. */
  settle(results: Result[], views: CommissioningView[]): Promise<void> {
    return this.run(async (base) => {
      const tx = base.transaction(["operations", "views"], "readwrite");
      const operations = tx.objectStore("operations");
      for (const result of results) {
        const item = await operations.index("id").get(result.id);
        if (item) await operations.put(settled(item, result));
      }
      await putViews(tx.objectStore("views"), views);
      await tx.done;
    });
  }

  views(): Promise<CommissioningView[]> {
    return this.run((base) => base.getAll("views"));
  }

  keepViews(views: CommissioningView[]): Promise<void> {
    return this.run(async (base) => {
      const tx = base.transaction("views", "readwrite");
      await putViews(tx.store, views);
      await tx.done;
    });
  }

  /** A lease for one flusher where the browser has no Web Locks. True when `owner` has it until `until`. */
  lease(owner: string, now: number, until: number): Promise<boolean> {
    return this.run(async (base) => {
      const tx = base.transaction("kv", "readwrite");
      const held = (await tx.store.get("lease")) as { owner: string; until: number } | undefined;
      const free = !held || held.owner === owner || held.until <= now;
      if (free) await tx.store.put({ owner, until }, "lease");
      await tx.done;
      return free;
    });
  }

  /** Another person took this phone: what the last one saw and was writing goes, what they have to send stays. */
  forgetViews(): Promise<void> {
    return this.run(async (base) => {
      const tx = base.transaction(["views", "drafts", "kv"], "readwrite");
      await Promise.all([tx.objectStore("views").clear(), tx.objectStore("drafts").clear(), tx.objectStore("kv").delete("home")]);
      await tx.done;
    });
  }

  /** Forgets the person: views, drafts and what was cached. Operations and passwords of theirs go too. */
  forget(): Promise<void> {
    return this.run(async (base) => {
      const tx = base.transaction(["operations", "views", "kv", "drafts", "secrets"], "readwrite");
      const settings = (await tx.objectStore("kv").get("settings")) as unknown;
      for (const table of ["operations", "views", "kv", "drafts", "secrets"] as const) await tx.objectStore(table).clear();
      if (settings) await tx.objectStore("kv").put(settings, "settings");
      await tx.done;
    });
  }
}

/** What is answered "later" waits on, with the reason beside it. */
function settled(item: Queued, result: Result): Queued {
  if (result.state === "later") return { ...item, state: "queued", result };
  return { ...item, state: result.state, result, settled_at: result.at };
}

interface ViewStore {
  get(key: string): Promise<CommissioningView | undefined>;
  put(view: CommissioningView): Promise<unknown>;
}

async function putViews(store: ViewStore, views: CommissioningView[]): Promise<void> {
  for (const view of views) {
    if (isNewer(view, await store.get(view.id))) await store.put(view);
  }
}

import { isPending, needs } from "./outbox";
import type { Queued, Result } from "./types";

/** A key that was refused is set anew by a person: nothing is gained by asking often. */
const SLOW_MS = 300_000;
const SLOW = new Set(["platform_key_refused"]);
const FOLLOWS = "waits_for_earlier";

interface Lane {
  until: number;
  failures: number;
}

/** Each commissioning is a lane of its own: what its platform puts off holds up this one and no other. */
export class Lanes {
  private readonly lanes = new Map<string | null, Lane>();

  constructor(
    private readonly now: () => number,
    private readonly backoff: (failures: number) => number,
  ) {}

  holds(item: Queued): boolean {
    return (this.lanes.get(item.op.commissioning_id)?.until ?? 0) > this.now();
  }

  /** Closes the lanes of what was answered "later", for as long as was asked at least; opens those that went through. */
  heard(items: Queued[], results: Result[]): void {
    const verdicts = new Map(results.map((result) => [result.id, result]));
    for (const lane of new Set(items.map((item) => item.op.commissioning_id))) {
      const own = items.filter((item) => item.op.commissioning_id === lane).flatMap((item) => verdicts.get(item.op.id) ?? []);
      const later = own.filter((result) => result.state === "later");
      if (later.length) this.close(lane, later.find((result) => result.code !== FOLLOWS) ?? later[0]);
      else this.lanes.delete(lane);
    }
  }

  private close(lane: string | null, why: Result | undefined): void {
    const failures = (this.lanes.get(lane)?.failures ?? 0) + 1;
    const asked = Number(why?.detail["retry_after"] ?? 0) * 1000 || 0;
    const slow = SLOW.has(why?.code ?? "") ? SLOW_MS : 0;
    this.lanes.set(lane, { failures, until: this.now() + Math.max(asked, slow, this.backoff(failures)) });
  }

  /** When the first closed lane opens; null when none is closed. */
  next(): number | null {
    const ends = [...this.lanes.values()].map((lane) => lane.until).filter((until) => until > this.now());
    return ends.length ? Math.min(...ends) : null;
  }

  /** Somebody says that it is worth a try. */
  open(): void {
    this.lanes.clear();
  }
}

/** What must wait because its lane is closed, or because it needs something that waits. */
export function heldBack(items: Queued[], holds: (item: Queued) => boolean): Set<number> {
  const held = new Map(items.filter((item) => isPending(item) && holds(item)).map((item) => [item.seq, item]));
  for (const item of items) {
    if ([...held.values()].some((other) => needs(item, other))) held.set(item.seq, item);
  }
  return new Set(held.keys());
}

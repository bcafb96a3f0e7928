import type { CommissioningView, Iso, KnockView, LiveView } from "./types";

/** How far a station came, by the server's rule (app/domain/stations.py); a vendor's platform shows unseen, online and lost. */
export type Rung = NonNullable<LiveView["rung"]>;
export type StepState = "done" | "wait" | "bad" | "open";
export interface Ladder {
  rung: Rung;
  /** Why not further: the server's word for a refused attempt, or for how the last connection ended. */
  cause: string | null;
  /** Since when this is so, or since when we wait. */
  since: Iso;
  /** It called, was let in, started up, is online; of a station on another platform: it is known there, is online there. */
  steps: StepState[];
}

const STEPS: Record<Rung, StepState[]> = {
  never: ["wait", "open", "open", "open"],
  other_id: ["bad", "open", "open", "open"],
  refused: ["done", "bad", "open", "open"],
  pending: ["done", "done", "wait", "open"],
  rejected: ["done", "done", "bad", "open"],
  silent: ["done", "done", "wait", "open"],
  deaf: ["done", "done", "done", "bad"],
  online: ["done", "done", "done", "done"],
  lost: ["done", "done", "done", "bad"],
  unseen: ["open", "open", "open", "wait"],
};
/** Of these a person has to do something; the others are waited for. */
const CALLS: ReadonlySet<Rung> = new Set(["other_id", "refused", "rejected", "deaf"]);

/** The platform sees the station, we do not: how far its attempts came is not ours to know. */
export function isRemote(view: CommissioningView): boolean {
  return view.connect.password_by === "platform";
}

export function isUp(view: CommissioningView): boolean {
  return view.live.connectivity_status === "Online";
}

/** Said to be this station, and not seen online under this id since. */
export function awaitsFirst({ adopted, live }: CommissioningView): boolean {
  if (!adopted || live.connectivity_status === "Online") return false;
  return ![live.online_since, live.offline_since, live.booted].some((at) => at && Date.parse(at) >= Date.parse(adopted.at));
}

export function callsForPerson(view: CommissioningView): boolean {
  return CALLS.has(rungOf(view));
}

/** What an older server did not say follows from the little that it always told. */
function rungOf(view: CommissioningView): Rung {
  const { live } = view;
  if (live.rung && !(isRemote(view) && live.rung === "never")) return live.rung;
  if (isUp(view)) return "online";
  if (live.offline_since) return "lost";
  return isRemote(view) ? "unseen" : "never";
}

export function ladder(view: CommissioningView): Ladder {
  const rung = rungOf(view);
  return { rung, cause: view.live.cause ?? null, since: sinceOf(view, rung), steps: isRemote(view) ? theirSteps(view, rung) : STEPS[rung] };
}

function theirSteps(view: CommissioningView, rung: Rung): StepState[] {
  if (!view.station) return ["wait", "open"];
  return ["done", STEPS[rung][3] ?? "wait"];
}

function sinceOf({ live, begun, connect }: CommissioningView, rung: Rung): Iso {
  const ours = [begun, connect.password_set_at].filter((at) => at !== null).sort().at(-1) ?? begun;
  if (rung === "never" || rung === "unseen") return ours;
  return live.rung_since ?? (rung === "lost" ? live.offline_since : live.online_since) ?? ours;
}

/** The step that needs attention; the top one when all is well. */
export function whereWeAre({ steps }: Ladder): number {
  const at = steps.findIndex((step) => step === "bad" || step === "wait");
  return at === -1 ? steps.length - 1 : at;
}

/** The refused attempts in a row that are the same to a person: one line with how often. */
export function grouped(knocks: KnockView[]): { knock: KnockView; times: number }[] {
  const lines: { knock: KnockView; times: number }[] = [];
  for (const knock of [...knocks].sort((a, b) => b.at.localeCompare(a.at))) {
    const last = lines.at(-1);
    const same = last?.knock.reason === knock.reason && last.knock.identity === knock.identity && last.knock.address === knock.address;
    if (last && same) last.times += knock.times;
    else lines.push({ knock, times: knock.times });
  }
  return lines;
}

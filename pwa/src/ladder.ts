import type { CommissioningView, KnockView } from "./types";

/** Where a station is on its way to being online; each has words for why, and one next step. */
export type OnlineState = "online" | "silent" | "pending" | "rejected" | "refused" | "lost" | "never" | "unseen";
export type RungState = "done" | "wait" | "bad" | "open";
export interface Ladder {
  state: OnlineState;
  /** The refused attempt that explains it. */
  knock: KnockView | null;
  /** Since when this is so, or since when we wait. */
  since: string;
  /** It called, was let in, started up, is online; of a station on another platform only the last is known. */
  rungs: RungState[];
}

const RUNGS: Record<OnlineState, Ladder["rungs"]> = {
  never: ["wait", "open", "open", "open"],
  refused: ["done", "bad", "open", "open"],
  pending: ["done", "done", "wait", "open"],
  rejected: ["done", "done", "bad", "open"],
  silent: ["done", "done", "done", "done"],
  online: ["done", "done", "done", "done"],
  lost: ["done", "done", "done", "bad"],
  unseen: ["wait"],
};
const THEIRS: Partial<Record<OnlineState, Ladder["rungs"]>> = { online: ["done"], lost: ["bad"] };

const latest = (...times: (string | null)[]): string => times.filter((t) => t !== null).sort().at(-1) ?? "";

/** The platform sees the station, we do not: how far its attempts came is not ours to know. */
export function isRemote(view: CommissioningView): boolean {
  return view.connect.password_by === "platform";
}

function theirState({ live }: CommissioningView): OnlineState {
  if (live.connectivity_status === "Online") return "online";
  return live.online_since || live.offline_since ? "lost" : "unseen";
}

function stateOf(view: CommissioningView, refused: KnockView | undefined): OnlineState {
  if (isRemote(view)) return theirState(view);
  const { live } = view;
  if (live.connectivity_status === "Online") return live.booted ? "online" : "silent";
  if (refused && refused.at >= latest(live.offline_since, live.online_since)) return "refused";
  if (live.registration === "pending" || live.registration === "rejected") return live.registration;
  return live.offline_since || live.online_since ? "lost" : "never";
}

export function ladder(view: CommissioningView): Ladder {
  const refused = view.knocks.filter((knock) => knock.reason !== "accepted").sort((a, b) => b.at.localeCompare(a.at))[0];
  const state = stateOf(view, refused);
  const { live } = view;
  const up = state === "online" || state === "silent";
  const since = up ? (live.online_since ?? live.booted ?? view.begun) : waitingSince(view, state, refused);
  return { state, knock: state === "refused" ? (refused ?? null) : null, since, rungs: (isRemote(view) && THEIRS[state]) || RUNGS[state] };
}

function waitingSince(view: CommissioningView, state: OnlineState, refused: KnockView | undefined): string {
  if (state === "refused" && refused) return refused.at;
  if (state === "lost") return view.live.offline_since ?? view.begun;
  return latest(view.begun, view.connect.password_set_at);
}

/** The refused attempts in a row that are the same to a person: one line with how often. */
export function grouped(knocks: KnockView[]): { knock: KnockView; times: number }[] {
  const lines: { knock: KnockView; times: number }[] = [];
  for (const knock of [...knocks].sort((a, b) => b.at.localeCompare(a.at))) {
    const last = lines.at(-1);
    const same = last?.knock.reason === knock.reason && last.knock.identity === knock.identity && last.knock.address === knock.address;
    if (last && same) last.times += 1;
    else lines.push({ knock, times: 1 });
  }
  return lines;
}

import { t, word, type LateKey } from "./later";
import { isRemote, isUp, type Ladder, type Rung } from "./ladder";
import type { CommissioningView } from "./types";

/** What a person is told of a rung: what it is, one sentence, one next step, and what it mostly is. */
export interface Saying {
  title: string;
  text: string;
  next: string;
  causes: LateKey[];
}

const NOTHING_CALLS: LateKey[] = ["why_power", "why_signal", "why_firewall", "why_office"];
const CAUSES: Record<Rung, LateKey[]> = {
  never: NOTHING_CALLS,
  other_id: ["why_space", "why_case", "why_look_alike"],
  refused: [],
  pending: [],
  rejected: [],
  silent: ["why_power_up", "why_hangs"],
  deaf: ["why_one_way", "why_hangs"],
  online: [],
  lost: [],
  unseen: [...NOTHING_CALLS, "why_password"],
};
const LOST: Record<string, LateKey[]> = {
  closed: ["why_restarts", "why_power"],
  lost: ["why_power", "why_signal", "why_proxy"],
  ping_failed: ["why_power", "why_signal", "why_proxy"],
};

/** `when` is since when it is so, `name` the platform that it is on, `secretless` that this phone has no password of it. */
interface Told {
  when: string;
  name: string;
  secretless?: boolean;
}

export function saying(view: CommissioningView, at: Ladder, params: Told): Saying {
  if (isRemote(view)) return theirs(view, at, params);
  const { rung, cause } = at;
  const title = rung === "refused" ? word("knock", cause, "knock_other") : t(awaited(view, at) ? "online_state_again" : `online_state_${rung}`);
  return { title, text: awaited(view, at) ? againWords(view) : text(at, { when: params.when }), next: next(view, at, params.secretless ?? false), causes: causes(view, at) };
}

/** An unknown one that was said to be this station, and that did not call since: it does call, so nothing is wrong with power or SIM. */
function awaited(view: CommissioningView, { rung }: Ladder): boolean {
  return rung === "never" && Boolean(view.adopted);
}

function againWords({ connect, station }: CommissioningView): string {
  if (!station) return t("adopted_no_station");
  return t(connect.password_set_at ? "adopted_next" : "adopted_password");
}

function text({ rung, cause }: Ladder, params: { when: string }): string {
  return rung === "lost" ? word("lost", cause, "lost_other", params) : t(`online_text_${rung}`, params);
}

function next(view: CommissioningView, { rung, cause }: Ladder, secretless: boolean): string {
  if (rung === "refused" && cause === "wrong_password" && secretless && view.connect.password_changeable) return t("knock_next_wrong_password_new");
  if (rung === "refused") return word("knock_next", cause, "knock_next_other");
  if (rung === "lost") return word("lost_next", cause, "lost_next_other");
  if (rung === "never" && !view.connect.password_set_at) return t("online_next_no_password");
  if (rung === "never" && view.adopted) return t("online_next_again");
  if (rung === "pending" && !view.station) return t("online_next_pending_station");
  return t(`online_next_${rung}`);
}

/** TLS cares for the clock; without it a wrong one keeps nobody out. */
function causes(view: CommissioningView, at: Ladder): LateKey[] {
  const { rung, cause } = at;
  if (awaited(view, at)) return [];
  if (rung === "lost") return LOST[cause ?? ""] ?? [];
  const clock: LateKey[] = rung === "never" && view.connect.url.startsWith("wss:") ? ["why_clock"] : [];
  return [...CAUSES[rung], ...clock];
}

/** In the platform's words: it sees the station, does not see it yet, or lost sight of it. Why is not told there. */
function theirs(view: CommissioningView, at: Ladder, params: { when: string; name: string }): Saying {
  if (isUp(view)) return { title: t("online_state_online"), text: t("theirs_online", params), next: t("online_next_online"), causes: [] };
  if (!view.station) return { title: t("theirs_unknown", params), text: t("theirs_only", params), next: t("theirs_next_unknown", params), causes: [] };
  const lost = at.rung === "lost";
  return {
    title: t(lost ? "online_state_lost" : "online_state_unseen", params),
    text: `${lost ? `${t("theirs_lost", params)} ` : ""}${t("theirs_only", params)}`,
    next: t(lost ? "lost_next_lost" : "online_next_unseen"),
    causes: lost ? (LOST["lost"] ?? []) : CAUSES.unseen,
  };
}

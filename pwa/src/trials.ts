import { runningTrial } from "./checklist";
import { isUp } from "./ladder";
import { t } from "./later";
import type { CommissioningView, CpoInfo, TrialKind, TrialView } from "./types";
import { platformName } from "./world";

export type How = "plug" | "unlock" | "reboot" | "card" | "remote" | "check" | "fix";

const OURS: TrialKind[] = ["reach", "reboot"];
const THEIRS: TrialKind[] = ["charge"];
/** In the order in which they are best done: what disturbs nobody first, a restart last. */
const ORDER: readonly TrialKind[] = ["reach", "sockets", "which", "reader", "charge", "configuration", "reboot"];
const FOR_EACH_EVSE: ReadonlySet<TrialKind> = new Set(["which", "charge"]);

/** The tests that this CPO's stations can be put to, in their order. */
export function trialsOf(cpo: CpoInfo | null): TrialKind[] {
  const offered = cpo?.platform?.trials ?? (cpo && cpo.environment !== "own" ? THEIRS : OURS);
  return ORDER.filter((kind) => offered.includes(kind));
}

/** How this one can be done here; empty where there is one way only. */
export function waysOf(cpo: CpoInfo | null, kind: TrialKind): How[] {
  return (cpo?.platform?.ways?.[kind] ?? []) as How[];
}

/** Which card to hold before the reader: our own stations let any card charge while a test runs, a platform its own. */
export function cardWords(cpo: CpoInfo | null): string {
  return cpo?.environment === "own" ? t("tests_charge_any") : t("tests_charge_theirs", { platform: platformName(cpo) });
}

/** One line of the list: a test, of one socket where its kind proves one socket. */
export interface Wanted {
  kind: TrialKind;
  evse: number | null;
  required: boolean;
  state: "open" | "running" | "passed" | "failed";
}

export function wantedOf(view: CommissioningView, cpo: CpoInfo | null): Wanted[] {
  const required = new Set<TrialKind>((view.tests?.required ?? []).filter((kind): kind is TrialKind => kind !== "trigger"));
  const kinds = ORDER.filter((kind) => required.has(kind) || trialsOf(cpo).includes(kind));
  return kinds.flatMap((kind) => evsesFor(view, kind).map((evse) => ({ kind, evse, required: required.has(kind), state: stateOf(view, kind, evse) })));
}

function evsesFor(view: CommissioningView, kind: TrialKind): (number | null)[] {
  const numbers = (view.station?.evses ?? []).flatMap((evse) => evse.evse_sequence_number ?? []);
  return FOR_EACH_EVSE.has(kind) && numbers.length ? numbers : [null];
}

/** Those of this line, newest first. */
export function trialsFor(view: CommissioningView, kind: TrialKind, evse: number | null): TrialView[] {
  return view.trials.filter((trial) => isLine(trial, kind, evse));
}

/** REACH was called "trigger" at first; a vendor's charge may be of whatever socket. */
export function isLine(trial: TrialView, kind: TrialKind, evse: number | null): boolean {
  const same = trial.kind === kind || (kind === "reach" && trial.kind === "trigger");
  return same && (evse === null || trial.evse === evse || trial.evse == null);
}

function stateOf(view: CommissioningView, kind: TrialKind, evse: number | null): Wanted["state"] {
  const own = trialsFor(view, kind, evse).filter((trial) => evse === null || trial.evse === evse);
  if (own[0]?.state === "running") return "running";
  return own[0]?.state ?? "open";
}

/** What to do next: what is asked for and not passed; where nothing is asked for, the first one until one has passed. */
export function nextWanted(view: CommissioningView, wanted: Wanted[]): Wanted | null {
  const asked = wanted.filter((one) => one.required);
  if (asked.length) return asked.find((one) => one.state !== "passed") ?? null;
  return wanted.some((one) => one.state === "passed") || testsDone(view) ? null : (wanted[0] ?? null);
}

export function testsDone(view: CommissioningView): boolean {
  return view.checks.some((check) => check.kind === "tests" && check.state === "done");
}

// --- may it begin? ---------------------------------------------------------------------------------------------------

export const CHARGES: ReadonlySet<string> = new Set(["Charging", "SuspendedEV", "SuspendedEVSE"]);
export const PLUGGED: ReadonlySet<string> = new Set(["Occupied", "Finishing"]);

/** Whether it takes power or plug from whoever is there: such a test asks first, and never begins under a car. */
export function isHazardous(kind: TrialKind, how: How | null): boolean {
  if (kind === "which") return how !== "plug";
  return kind === "reboot" || (kind === "configuration" && how === "fix");
}

export type Hindrance = "signal" | "unsent" | "offline" | "running" | "in_use";

/** Why no test can begin now; the server has the last word. */
export function hindrance(view: CommissioningView, kind: TrialKind | null, how: How | null, now: { signal: boolean; unsent: boolean }): Hindrance | null {
  if (!now.signal) return "signal";
  if (now.unsent) return "unsent";
  if (runningTrial(view)) return "running";
  if (!isUp(view)) return "offline";
  const says = (status: string): boolean => CHARGES.has(status) || (kind !== null && isHazardous(kind, how) && PLUGGED.has(status));
  return view.live.connectors.some((connector) => connector.id !== "0" && says(connector.status)) ? "in_use" : null;
}

export function nameOf(kind: TrialView["kind"], evse: number | null | undefined): string {
  const name = t(`tests_kind_${kind}`);
  return evse == null ? name : t("tests_kind_of", { name, socket: t("lookup_socket", { n: evse }) });
}

import type { LateKey } from "./later";
import { later } from "./words/en/later";
import type { How } from "./trials";
import type { CommissioningView, FindingView, Json, Queued, TrialView } from "./types";

/** What a test found, out of the detail that its kind has: see Trial in app/domain/trials.py. */
export interface Reacted {
  station_id: string;
  connector: string;
  evse: number | null;
  directions: { language: string; text: string }[];
}
export interface SocketFound {
  connector: string;
  evse: number | null;
  state: "reported" | "missing" | "extra" | "faulted";
  status: string | null;
  error_code: string | null;
  kind: "same" | "differs" | "not_told";
  expected_kind: string | null;
  told_kind: string | null;
}
export interface SettingLine {
  key: string;
  about: string;
  expected: string;
  value: string | null;
  state: "ok" | "wrong" | "missing" | "hidden" | "fixed" | "refused" | "not_fixed";
  may_fix: boolean;
}

const detailOf = (trial: TrialView): Json => trial.detail ?? {};

export function howOf(trial: TrialView): How | null {
  return (detailOf(trial)["how"] as How | undefined) ?? null;
}

export function reactedOf(trial: TrialView): Reacted | null {
  return (detailOf(trial)["reacted"] as Reacted | null | undefined) ?? null;
}

export function socketsOf(trial: TrialView): SocketFound[] {
  return (detailOf(trial)["rows"] as SocketFound[] | undefined) ?? [];
}

export function linesOf(trial: TrialView): SettingLine[] {
  return (detailOf(trial)["lines"] as SettingLine[] | undefined) ?? [];
}

const GOOD: ReadonlySet<SettingLine["state"]> = new Set(["ok", "hidden", "fixed"]);

export function isGood(line: SettingLine): boolean {
  return GOOD.has(line.state);
}

/** What "fix all" would write. */
export function toFix(trial: TrialView): SettingLine[] {
  return linesOf(trial).filter((line) => line.may_fix && !isGood(line));
}

/** The two sockets that a test found in each other's place, the lower number first. */
export function pairOf(trial: TrialView): [number, number] | null {
  const other = reactedOf(trial)?.evse;
  if (trial.outcome !== "other_socket" || trial.evse == null || other == null || other === trial.evse) return null;
  return [Math.min(trial.evse, other), Math.max(trial.evse, other)];
}

export function findingOf(view: CommissioningView, [first, second]: [number, number]): FindingView | null {
  return (view.findings ?? []).find((finding) => finding.id === `swapped:${first}:${second}`) ?? null;
}

/** This phone has swapped the two before this test began, and not back: swapping again is then not the first thing to do. */
export function swappedBefore(items: Queued[], view: CommissioningView, trial: TrialView): boolean {
  const pair = pairOf(trial);
  const before = items.filter(({ op, state, result }) => {
    if (op.kind !== "swap_sockets" || op.commissioning_id !== view.id || state !== "accepted") return false;
    const same = [...op.body.evses].sort((a, b) => a - b).join() === pair?.join();
    return same && Date.parse(result?.at ?? op.made_at) <= Date.parse(trial.started);
  });
  return before.length % 2 === 1;
}

/** Its outcome has a button of its own that puts things right. */
export function offersRemedy(view: CommissioningView, trial: TrialView): boolean {
  const pair = pairOf(trial);
  return (pair !== null && findingOf(view, pair) !== null) || (trial.kind === "configuration" && toFix(trial).length > 0);
}

/** Raw messages between us and the station, for those who want them. */
export function frames(trial: TrialView): { at: string; text: string }[] {
  return trial.evidence.filter((step) => step.what === "frame").map((step) => ({ at: step.at, text: step.text ?? "" }));
}

/** What to do about a failure: by its likely cause, else to try again. */
export function nextStep(trial: TrialView): LateKey | null {
  return trial.state === "failed" ? ((trial.cause ? `mend_${trial.cause}` : "mend_other") as LateKey) : null;
}

/** What the person does while it runs: the words of this kind and way if it has some, else those of what is waited for. */
export function doingOf(trial: TrialView): LateKey {
  const [how, waits] = [howOf(trial) ?? "", trial.waits_for ?? "answer"];
  const keys = [`do_${trial.kind}_${how}_${waits}`, `do_${trial.kind}_${waits}`, `do_${waits}`];
  return (keys.find((key) => key in later) ?? "do_answer") as LateKey;
}

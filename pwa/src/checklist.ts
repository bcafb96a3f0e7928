import { undescribed } from "./apply";
import { callsForPerson } from "./ladder";
import type { CheckView, CommissioningView, FindingView } from "./types";

export type Mark = "done" | "waived" | "bad" | "wait" | "open";

export const isSettled = (check: CheckView): boolean => check.state === "done" || check.state === "waived";

export function progress(view: CommissioningView): { done: number; total: number } {
  return { done: view.checks.filter(isSettled).length, total: view.checks.length };
}

/** The checks that stand between this commissioning and its hand-over. */
export function openChecks(view: CommissioningView): CheckView[] {
  return view.checks.filter((check) => !isSettled(check));
}

export function markOf(check: CheckView, view: CommissioningView): Mark {
  if (check.state === "done" || check.state === "waived") return check.state;
  if (check.state === "failed") return "bad";
  if (check.kind === "online") return callsForPerson(view) ? "bad" : "wait";
  if (check.kind === "tests" && runningTrial(view)) return "wait";
  return "open";
}

export function runningTrial(view: CommissioningView): CommissioningView["trials"][number] | null {
  return view.trials.find((trial) => trial.state === "running") ?? null;
}

/** How the tests ended last, each of them once: one that passed before and failed since has failed. */
export function tally(view: CommissioningView): { passed: number; failed: number } {
  const last = new Map<string, string>();
  for (const { kind, evse, state } of view.trials) {
    const line = `${kind === "trigger" ? "reach" : kind}:${evse ?? ""}`;
    if (state !== "running" && !last.has(line)) last.set(line, state);
  }
  const ends = [...last.values()];
  return { passed: ends.filter((state) => state === "passed").length, failed: ends.filter((state) => state === "failed").length };
}

/** Where the station is not what was chosen for it, and nobody has accepted that. */
export function openDifferences(view: CommissioningView): FindingView[] {
  return (view.findings ?? []).filter((finding) => finding.severity === "severe" && !finding.accepted);
}

/** With no step open: whether all is done, or a test runs, or the station is still not what was chosen. */
export function readiness(view: CommissioningView): "differs" | "running" | "done" {
  if (openDifferences(view).length > 0) return "differs";
  return runningTrial(view) ? "running" : "done";
}

/** The next thing to do, in the order of the list; null when the station is ready to be handed over. */
export function nextCheck(view: CommissioningView): CheckView | null {
  const left = openChecks(view);
  const online = view.live.connectivity_status === "Online";
  return left.find((check) => check.kind !== "tests" || online) ?? left[0] ?? null;
}

/** The screen of a check, as the last part of its address. */
export function pathOf(check: CheckView, view: CommissioningView): string {
  switch (check.kind) {
    case "location": return "location";
    case "hardware": return "hardware";
    case "texts": {
      const first = undescribed(view)[0] ?? view.station?.evses?.[0]?.evse_sequence_number ?? 1;
      return `texts/${first}`;
    }
    case "online": return "online";
    case "tests": return "tests";
    default: return `check/${encodeURIComponent(check.key)}`;
  }
}

/** A location is chosen before the model: without both there is no station to describe or to test. */
export function needsFirst(check: CheckView, view: CommissioningView): "hardware" | "online" | null {
  if (check.kind === "texts" && !view.station?.evses?.length) return "hardware";
  if (check.kind === "tests" && view.live.connectivity_status !== "Online") return "online";
  return null;
}

/** A number as people type it, with either decimal sign; null for anything else. */
export function asNumber(text: string): number | null {
  const clean = text.trim().replace(",", ".");
  return /^[-+]?\d+(\.\d+)?$/.test(clean) ? Number(clean) : null;
}

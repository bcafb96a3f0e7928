import { ApiError } from "./api";
import type { CheckView, CommissioningView, Json } from "./types";
import { t, word, type WordKey } from "./words";

/** Words for what the server answered, or for its silence: what happened, and what next. */
export function problemWords(error: unknown): string {
  if (!(error instanceof ApiError)) return t("error_no_signal");
  return codeWords(error.code, error.detail);
}

export function codeWords(code: string | null, detail: Json): string {
  const params = { field: plain(detail["field"]), checks: checkNames(detail["checks"]) };
  return word("error", code, "error_refused", params);
}

/** How soon it is worth asking again by itself; null where only a person can change something. */
export function secondsToWait(error: unknown): number | null {
  if (!(error instanceof ApiError) || !["platform_unavailable", "platform_busy"].includes(error.code)) return null;
  return Number(error.detail["retry_after"]) || 10;
}

/** Why something waits: nothing is for the person to do, unless it says so. */
export function laterWords(code: string | null): string {
  return word("later", code, "later_platform_unavailable");
}

function plain(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function checkNames(keys: unknown): string {
  return Array.isArray(keys) ? keys.map((key) => word("check", plain(key), "check_text")).join(", ") : "";
}

const OWN: Partial<Record<CheckView["kind"], WordKey>> = {
  location: "check_location", hardware: "check_hardware", texts: "check_texts", online: "check_online", tests: "check_tests",
};

/** A check of the CPO's own policy has the CPO's words. */
export function checkName(check: CheckView): string {
  const own = OWN[check.kind];
  return own ? t(own) : (check.label ?? (check.kind === "photo" ? t("check_photo") : check.key));
}

export function socketList(numbers: number[]): string {
  return numbers.join(", ");
}

export function charger(view: CommissioningView, fallback: string): string {
  return word("charger_type", (view.station?.charger_type ?? fallback).toLowerCase(), "charger_type_public");
}

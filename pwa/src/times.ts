import { n, t, type WordKey } from "./words";

/** "4 min": one unit, the largest that fits, never below a second. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const steps: [number, WordKey][] = [[86_400, "span_days"], [3600, "span_hours"], [60, "span_minutes"]];
  const step = steps.find(([length]) => seconds >= length);
  return step ? n(step[1], Math.floor(seconds / step[0])) : n("span_seconds", seconds);
}

/** "4 min 12 s": for something that is being watched. */
export function watch(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds >= 3600) return `${n("span_hours", Math.floor(seconds / 3600))} ${n("span_minutes", Math.floor((seconds % 3600) / 60))}`;
  if (seconds < 60) return n("span_seconds", seconds);
  return `${n("span_minutes", Math.floor(seconds / 60))} ${n("span_seconds", seconds % 60)}`;
}

/** Day before month, 24 hours, in both languages. */
const LOCALES: Record<string, string> = { en: "en-GB", nl: "nl-NL" };

export function locale(language: string): string {
  return LOCALES[language] ?? language;
}

/** "10:02", and with its date when it was not today. */
export function exact(at: string | number, now: number, language: string): string {
  const moment = new Date(at);
  const time = moment.toLocaleTimeString(locale(language), { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  if (moment.toDateString() === new Date(now).toDateString()) return time;
  return `${moment.toLocaleDateString(locale(language), { day: "numeric", month: "short" })} ${time}`;
}

export function ago(at: string | number, now: number): string {
  const passed = now - new Date(at).getTime();
  return passed < 10_000 ? t("just_now") : t("ago", { span: span(passed) });
}

/** Exact and relative: "10:02, 4 min ago". */
export function when(at: string | number, now: number, language: string): string {
  return `${exact(at, now, language)}, ${ago(at, now)}`;
}

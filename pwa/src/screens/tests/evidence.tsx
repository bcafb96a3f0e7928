import { frames } from "../../found";
import { t, word } from "../../later";
import { locale } from "../../times";
import type { TrialView } from "../../types";
import { language } from "../../words";

const SHOWN = new Set(["accepted", "rejected", "timeout", "offline", "station_disconnected", "station_connected", "station_booted", "charging", "transaction_started", "card_shown", "energy", "reacted", "seen"]);
const clock = (at: string): string => new Date(at).toLocaleTimeString(locale(language.value), { hourCycle: "h23" });

/** What was heard, in order. */
export function Evidence({ trial }: { trial: TrialView }) {
  const steps = trial.evidence.filter((step) => SHOWN.has(step.what));
  if (!steps.length) return null;
  return (
    <ol class="evidence">
      {steps.map((step, i) => <li key={i}><span class="mono">{clock(step.at)}</span> {word("evidence", step.what, "evidence_accepted", { socket: step.text ?? "", text: step.text ?? "" })}</li>)}
    </ol>
  );
}

/** The messages themselves, for those who want them. */
export function Raw({ trial }: { trial: TrialView }) {
  const all = frames(trial);
  if (!all.length) return null;
  return (
    <details data-test="trial-raw">
      <summary>{t("tests_raw")}</summary>
      <ol class="frames">
        {all.map((frame, i) => <li key={i}><span class="mono">{clock(frame.at)}</span><code>{frame.text}</code></li>)}
      </ol>
    </details>
  );
}

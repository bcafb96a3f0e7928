import { isGood, linesOf, type SettingLine } from "../../found";
import { t, word } from "../../later";
import { MarkSign } from "../../parts/ui";
import type { TrialView } from "../../types";

/** One line a setting: a tick, or what differs. */
export function Settings({ trial }: { trial: TrialView }) {
  return (
    <ul class="settings" data-test="trial-settings">
      {linesOf(trial).map((line) => (
        <li key={line.key} data-test={`setting-${line.key}`} data-state={line.state}>
          <MarkSign mark={isGood(line) ? "done" : "bad"} word={word("setting", line.state, "setting_wrong")} />
          <div>
            <strong class="mono">{line.key}</strong>
            <span>{wordsOf(line)}</span>
            {!isGood(line) && !line.may_fix && <span>{t("setting_by_hand")}</span>}
          </div>
        </li>
      ))}
    </ul>
  );
}

function wordsOf(line: SettingLine): string {
  const params = { value: line.value ?? "–", expected: line.expected };
  return word("setting_says", line.state, "setting_says_wrong", params);
}

import { linesOf, nextStep, pairOf, socketsOf, toFix, type SocketFound } from "../../found";
import { t, word } from "../../later";
import { Button, Chip, MarkSign } from "../../parts/ui";
import { cpoOf, now } from "../../state";
import { when } from "../../times";
import type { CommissioningView, TrialView } from "../../types";
import { language } from "../../words";
import { platformName } from "../../world";
import { Evidence, Raw } from "./evidence";
import { Reacted } from "./reacted";
import { Settings } from "./settings";

interface OutcomeProps {
  trial: TrialView;
  view: CommissioningView;
  may: boolean;
  onFix: () => void;
}

/** What came of it in words, the likely cause of a failure, and one next step. */
export function Outcome({ trial, view, may, onFix }: OutcomeProps) {
  const good = trial.state === "passed";
  const next = nextStep(trial);
  const fixable = trial.kind === "configuration" ? toFix(trial) : [];
  return (
    <div class={good ? "card outcome good" : "card outcome bad"} data-test="trial-outcome" data-outcome={trial.outcome} data-state={trial.state} data-cause={trial.cause}>
      <div><Chip tone={good ? "good" : "bad"}>{good ? `✓ ${t("tests_passed")}` : `! ${t("tests_failed")}`}</Chip></div>
      <h2>{word("outcome", trial.outcome, "outcome_other")}</h2>
      {trial.outcome === "started_no_load" && <p data-test="trial-policy">{t(good ? "tests_no_load_accepted" : "tests_no_load_refused", { cpo: cpoOf(view.cpo_id)?.name ?? view.cpo_id })}</p>}
      {!good && trial.cause && <p data-test="trial-cause"><span class="muted">{t("tests_likely")}</span> {word("cause", trial.cause, "outcome_other")}</p>}
      <Reacted trial={trial} view={view} />
      {next && fixable.length === 0 && !pairOf(trial) && <p class="strong" data-test="trial-next">{t(next, { platform: platformName(cpoOf(view.cpo_id)) })}</p>}
      <Found trial={trial} />
      {fixable.length > 0 && <Button test="trial-fix" disabled={!may} onClick={onFix}>{t("tests_fix_all", { n: fixable.length })}</Button>}
      <Evidence trial={trial} />
      <Raw trial={trial} />
      <p class="muted">{when(trial.ended ?? trial.started, now.value, language.value)}{trial.by?.name && ` · ${trial.by.name}`}</p>
    </div>
  );
}

/** What its kind has to show. */
function Found({ trial }: { trial: TrialView }) {
  const detail = trial.detail ?? {};
  return (
    <>
      {trial.kind === "sockets" && <SocketsFound rows={socketsOf(trial)} />}
      {linesOf(trial).length > 0 && <Settings trial={trial} />}
      {typeof detail["card"] === "string" && <p>{t("tests_card", { card: detail["card"] })}{typeof detail["accepted"] === "boolean" && ` ${t(detail["accepted"] ? "tests_card_known" : "tests_card_unknown")}`}</p>}
      {typeof detail["energy_wh"] === "number" && <p data-test="trial-energy">{t("tests_energy", { wh: detail["energy_wh"] })}</p>}
      {detail["rebooted"] === true && <p>{t("tests_restarted_too")}</p>}
    </>
  );
}

function SocketsFound({ rows }: { rows: SocketFound[] }) {
  if (!rows.length) return null;
  return (
    <ul class="settings" data-test="trial-sockets-found">
      {rows.map((row) => {
        const good = row.state === "reported" && row.kind !== "differs";
        return (
          <li key={row.connector} data-state={row.state}>
            <MarkSign mark={good ? "done" : "bad"} word={t(good ? "state_done" : "state_failed")} />
            <div>
              <strong>{t("lookup_socket", { n: row.connector })}</strong>
              <span>{word("socket", row.state, "socket_reported", { status: word("ocpp", row.status, "ocpp_other"), error: row.error_code ?? "" })}</span>
              <span>{word("socket_kind", row.kind, "socket_kind_not_told", { expected: row.expected_kind ?? "–", told: row.told_kind ?? "–" })}</span>
            </div>
          </li>
        );
      })}
    </ul>
  );
}

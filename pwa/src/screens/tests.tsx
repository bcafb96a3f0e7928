import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ApiError } from "../api";
import { runningTrial } from "../checklist";
import { uuid } from "../ids";
import { t, word } from "../later";
import { follow } from "../live";
import { isPending } from "../outbox";
import { Button, Chip, Confirm, Notice, Screen } from "../parts/ui";
import { problemWords } from "../problems";
import { go, path, replace } from "../router";
import { api, cpoOf, keepViews, now, queue, reached, refreshView } from "../state";
import { locale, watch, when } from "../times";
import type { CommissioningView, CpoInfo, Evse, TrialKind, TrialView } from "../types";
import { language } from "../words";
import { cardWords } from "../trials";
import { trialsOf } from "../world";

/** Tests go to the station now or not at all: they never pass through the outbox. */
export function Tests({ view }: { view: CommissioningView }) {
  useEffect(() => follow(view.id), [view.id]);
  const asking = useSignal(false);
  const busy = useSignal(false);
  const trouble = useSignal("");
  const here = path("c", view.id);
  const running = runningTrial(view);
  const online = view.live.connectivity_status === "Online";
  const signal = reached.value !== false;
  const unsent = queue.value.some((item) => isPending(item) && item.op.kind === "begin" && item.op.commissioning_id === view.id);
  const mayTest = view.mine && view.state === "open" && online && signal && !unsent && !running && !busy.value;

  const start = async (kind: TrialKind): Promise<void> => {
    asking.value = false;
    busy.value = true;
    trouble.value = "";
    try {
      const body = { id: uuid(), commissioning_id: view.id, kind };
      await keepViews([await api.post<CommissioningView>("/field/trials", body)]);
    } catch (error) {
      trouble.value = error instanceof ApiError ? problemWords(error) : t("tests_unknown");
      await refreshView(view.id).catch(() => undefined);
    }
    busy.value = false;
  };
  const [last, ...earlier] = view.trials;
  const offered = trialsOf(cpoOf(view.cpo_id));
  const [first] = offered;
  const begin = (kind: TrialKind): void => {
    if (kind === "reboot") asking.value = true;
    else void start(kind);
  };
  const passed = view.checks.some((check) => check.kind === "tests" && check.state === "done");
  return (
    <Screen
      title={t("tests_title")} name={t("tests_title")} subtitle={view.station_id} parent={here}
      foot={passed && !running
        ? <Button test="tests-to-station" onClick={() => replace(here)}>{t("online_to_station")}</Button>
        : first && <Button test={`trial-${first}`} disabled={!mayTest} onClick={() => begin(first)}>{t(`tests_${first}`)}</Button>}
    >
      {!signal && <Notice tone="wait" test="tests-no-signal">{t("tests_no_signal")}</Notice>}
      {signal && !online && !running && (
        <Notice tone="wait" test="tests-offline">
          {t("tests_offline")}
          <Button test="tests-to-online" tone="quiet" small onClick={() => go(`${here}/online`)}>{t("online_title")}</Button>
        </Notice>
      )}
      {trouble.value && <Notice tone="bad" test="tests-trouble">{trouble.value}</Notice>}
      {!last && <p class="muted">{t("tests_intro")}</p>}
      {last && (last.state === "running" ? <Running trial={last} evses={view.station?.evses ?? []} cpo={cpoOf(view.cpo_id)} /> : <Outcome trial={last} />)}
      {!first && (
        <Notice tone="wait" test="tests-none">
          {t("tests_none")}
          <Button test="tests-waive" tone="quiet" small onClick={() => go(`${here}/waive/tests`)}>{t("check_waive")}</Button>
        </Notice>
      )}
      <div class="stack">
        {offered.map((kind) => (
          <Offered key={kind} title={t(`tests_${kind}`)} text={t(`tests_${kind}_text`)}>
            {(passed || kind !== first) && (
              <Button test={`trial-${kind}`} tone="quiet" small disabled={!mayTest} onClick={() => begin(kind)}>{t(kind === first ? "tests_again" : `tests_${kind}`)}</Button>
            )}
          </Offered>
        ))}
      </div>
      {earlier.length > 0 && <Earlier trials={earlier} />}
      {asking.value && (
        <Confirm
          title={t("tests_reboot_sure", { id: view.station_id })} text={t("tests_reboot_warn")} action={t("tests_reboot_do")} test="trial-confirm"
          tone="main" onYes={() => void start("reboot")} onNo={() => (asking.value = false)}
        />
      )}
    </Screen>
  );
}

function Offered({ title, text, children }: { title: string; text: string; children: preact.ComponentChildren }) {
  return (
    <div class="offered">
      <div><strong>{title}</strong><p class="muted">{text}</p></div>
      {children}
    </div>
  );
}

function Running({ trial, evses, cpo }: { trial: TrialView; evses: Evse[]; cpo: CpoInfo | null }) {
  const total = Date.parse(trial.deadline) - Date.parse(trial.started);
  const left = Math.max(0, Date.parse(trial.deadline) - now.value);
  return (
    <div class="card" data-test="trial-running" aria-live="polite">
      <h2>{t(`tests_running_${trial.kind}`)}</h2>
      {trial.kind === "charge" && <Sockets evses={evses} cpo={cpo} />}
      <Evidence trial={trial} />
      <progress max={total} value={total - left} aria-label={t(`tests_running_${trial.kind}`)} />
      <p class="muted">{t("tests_left", { span: watch(left) })}</p>
    </div>
  );
}

/** What each socket says while a card is held before it. */
function Sockets({ evses, cpo }: { evses: Evse[]; cpo: CpoInfo | null }) {
  return (
    <>
      <ol class="steps"><li>{t("tests_charge_1")}</li><li data-test="trial-card">{cardWords(cpo)}</li><li>{t("tests_charge_3")}</li></ol>
      <dl class="facts" data-test="trial-sockets">
        {evses.map((evse, i) => (
          <>
            <dt key={evse.uid ?? i}>{t("lookup_socket", { n: evse.evse_sequence_number ?? i + 1 })}</dt>
            <dd data-status={evse.status}>{word("evse", evse.status, "evse_UNKNOWN")}</dd>
          </>
        ))}
      </dl>
    </>
  );
}

function Outcome({ trial }: { trial: TrialView }) {
  const good = trial.state === "passed";
  return (
    <div class={good ? "card outcome good" : "card outcome bad"} data-test="trial-outcome" data-outcome={trial.outcome} data-state={trial.state}>
      <div><Chip tone={good ? "good" : "bad"}>{good ? `✓ ${t("tests_passed")}` : `! ${t("tests_failed")}`}</Chip></div>
      <h2>{word("outcome", trial.outcome, "outcome_other")}</h2>
      <Evidence trial={trial} />
      <p class="muted">{t(`tests_kind_${trial.kind}`)} · {when(trial.ended ?? trial.started, now.value, language.value)}</p>
    </div>
  );
}

const SHOWN = new Set(["accepted", "rejected", "station_disconnected", "station_connected", "station_booted", "charging"]);

/** What was heard, in order; frames are for the desk. */
function Evidence({ trial }: { trial: TrialView }) {
  const steps = trial.evidence.filter((step) => SHOWN.has(step.what));
  if (!steps.length) return null;
  return (
    <ol class="evidence">
      {steps.map((step, i) => (
        <li key={i}><span class="mono">{new Date(step.at).toLocaleTimeString(locale(language.value), { hourCycle: "h23" })}</span> {word("evidence", step.what, "evidence_accepted", { socket: step.text ?? "" })}</li>
      ))}
    </ol>
  );
}

function Earlier({ trials }: { trials: TrialView[] }) {
  return (
    <section class="stack">
      <h2 class="part">{t("tests_earlier")}</h2>
      <div class="list">
        {trials.slice(0, 5).map((trial) => (
          <div class="item" key={trial.id}>
            <div>
              <strong>{t(`tests_kind_${trial.kind}`)}</strong>
              <span>{word("outcome", trial.outcome, "outcome_other")} {when(trial.started, now.value, language.value)}</span>
            </div>
            <Chip tone={trial.state === "passed" ? "good" : "bad"}>{t(trial.state === "passed" ? "tests_passed" : "tests_failed")}</Chip>
          </div>
        ))}
      </div>
    </section>
  );
}

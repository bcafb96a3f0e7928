import { useSignal } from "@preact/signals";
import { ApiError } from "../../api";
import { doingOf, howOf, linesOf } from "../../found";
import { t } from "../../later";
import { Button, Notice } from "../../parts/ui";
import { problemWords } from "../../problems";
import { api, cpoOf, keepViews, now, refreshView } from "../../state";
import { placeOf } from "../../sockets";
import { watch } from "../../times";
import { cardWords } from "../../trials";
import type { CommissioningView, TrialView } from "../../types";
import { language } from "../../words";
import { Evidence, Raw } from "./evidence";
import { Settings } from "./settings";
import { Sockets } from "./sockets";

const WITH_SOCKETS: ReadonlySet<string> = new Set(["which", "charge", "sockets"]);

/** What it waits for, from the station or from the person, and how long it still may take. */
export function Running({ trial, view }: { trial: TrialView; view: CommissioningView }) {
  const total = Math.max(1, Date.parse(trial.deadline) - Date.parse(trial.started));
  const left = Math.max(0, Date.parse(trial.deadline) - now.value);
  const socket = trial.evse == null ? "" : t("lookup_socket", { n: trial.evse });
  const asks = trial.waits_for === "person";
  return (
    <div class="card" data-test="trial-running" data-waits={trial.waits_for} aria-live="polite">
      <h2>{t(doingOf(trial), { socket, place: placeOf(view, trial.evse, language.value), card: cardWords(cpoOf(view.cpo_id)), id: view.station_id })}</h2>
      {asks ? <Seen trial={trial} view={view} /> : WITH_SOCKETS.has(trial.kind) && <Sockets view={view} meant={trial.evse ?? null} />}
      {linesOf(trial).length > 0 && <Settings trial={trial} />}
      <Evidence trial={trial} />
      <progress max={total} value={total - left} aria-label={t("tests_left", { span: watch(left) })} />
      <p class="muted" role="timer" data-test="trial-left">{left > 0 ? t("tests_left", { span: watch(left) }) : t("tests_ending")}</p>
      <p class="muted">{t("tests_cannot_stop")}</p>
      <Raw trial={trial} />
    </div>
  );
}

/** Only the person before it can say what moved. */
function Seen({ trial, view }: { trial: TrialView; view: CommissioningView }) {
  const busy = useSignal(false);
  const trouble = useSignal("");
  const tell = async (evse: number | null, here: boolean): Promise<void> => {
    busy.value = true;
    trouble.value = "";
    try {
      await keepViews([await api.post<CommissioningView>("/field/trials/seen", { id: trial.id, commissioning_id: view.id, evse, here })]);
    } catch (error) {
      trouble.value = error instanceof ApiError ? problemWords(error) : t("tests_unknown");
      await refreshView(view.id).catch(() => undefined);
    }
    busy.value = false;
  };
  const restarted = howOf(trial) === "reboot";
  return (
    <div class="stack" data-test="trial-seen">
      {trouble.value && <Notice tone="bad">{trouble.value}</Notice>}
      {restarted
        ? <Button test="seen-yes" disabled={busy.value} onClick={() => void tell(trial.evse ?? null, true)}>{t("seen_restarted")}</Button>
        : <Sockets view={view} meant={trial.evse ?? null} onPick={(evse) => void tell(evse, true)} />}
      <Button test="seen-other" tone="quiet" small disabled={busy.value} onClick={() => void tell(null, false)}>{t("seen_other")}</Button>
      {!restarted && <Button test="seen-nothing" tone="quiet" small disabled={busy.value} onClick={() => void tell(null, true)}>{t("seen_nothing")}</Button>}
    </div>
  );
}

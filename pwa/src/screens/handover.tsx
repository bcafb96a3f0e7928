import { useSignal } from "@preact/signals";
import { isSettled, openChecks, openDifferences, pathOf, readiness, runningTrial } from "../checklist";
import { n, t } from "../later";
import { isPending } from "../outbox";
import { Findings } from "../parts/findings";
import { NextIcon } from "../parts/icons";
import { StationPicture } from "../parts/picture";
import { Button, Id, MarkSign, Notice, Receipt, Screen, useFieldId } from "../parts/ui";
import { checkName, codeWords } from "../problems";
import { go, path } from "../router";
import { cpoOf, enqueue, now, queue } from "../state";
import { when } from "../times";
import type { CheckView, CommissioningView, Evse, Queued } from "../types";
import { language } from "../words";

export function HandOver({ view }: { view: CommissioningView }) {
  if (view.state === "handed_over") return <HandedOver view={view} />;
  return <Before view={view} />;
}

function lastTry(view: CommissioningView): Queued | null {
  return queue.value.filter((item) => item.op.kind === "hand_over" && item.op.commissioning_id === view.id).at(-1) ?? null;
}

function Before({ view }: { view: CommissioningView }) {
  const note = useSignal(view.note ?? "");
  const id = useFieldId();
  const here = path("c", view.id);
  const left = openChecks(view);
  const [first] = left;
  const running = runningTrial(view);
  const last = lastTry(view);
  const refusal = last?.state === "refused" ? last.result : null;
  const submit = async (): Promise<void> => {
    const text = note.value.trim();
    await enqueue("hand_over", view.id, text ? { note: text } : {}, { station_id: view.station_id });
  };
  return (
    <Screen
      title={t("handover_title")} name={t("handover_title")} subtitle={view.station_id} parent={here}
      foot={first
        ? <Button test="handover-next" onClick={() => go(`${here}/${pathOf(first, view)}`)}>{t("handover_not_yet", { check: checkName(first) })}</Button>
        : <Button test="handover-submit" disabled={Boolean(running)} onClick={() => void submit()}>{t("handover_submit", { id: view.station_id })}</Button>}
    >
      {refusal && <Notice tone="bad" test="handover-refused">{codeWords(refusal.code, refusal.detail)}</Notice>}
      {running && <Notice tone="wait">{t("handover_test_runs")}</Notice>}
      {left.length > 0 ? <OpenChecks view={view} checks={left} /> : <Ready view={view} />}
      <Findings view={view} />
      <Summary view={view} />
      <div class="field">
        <label for={id}>{t("handover_note")} <span class="muted">({t("optional")})</span></label>
        <textarea class="input area" id={id} data-test="handover-note" maxLength={1000} placeholder={t("handover_note_placeholder")} value={note.value} onInput={(event) => (note.value = event.currentTarget.value)} />
      </div>
    </Screen>
  );
}

function Ready({ view }: { view: CommissioningView }) {
  const ready = readiness(view);
  if (ready === "differs") return <Notice tone="wait" title={n("handover_differs", openDifferences(view).length)} test="handover-differs" />;
  return ready === "running" ? null : <Notice tone="good" title={`✓ ${t("handover_ready")}`} test="handover-ready" />;
}

/** Without a place and a model there is no station to hand over. */
function mayBeWaived({ kind }: CheckView): boolean {
  return kind !== "location" && kind !== "hardware";
}

function OpenChecks({ view, checks }: { view: CommissioningView; checks: CheckView[] }) {
  const here = path("c", view.id);
  return (
    <section class="stack">
      <h2 class="part">{t("handover_open")}</h2>
      <ul class="checks">
        {checks.map((check) => (
          <li key={check.key} class="openline" data-test={`handover-open-${check.key}`}>
            <a class="check" href={`${here}/${pathOf(check, view)}`}>
              <MarkSign mark={check.state === "failed" ? "bad" : "open"} word={t(check.state === "failed" ? "state_failed" : "state_open")} />
              <div><strong>{checkName(check)}</strong>{check.reason && <span>{check.reason}</span>}</div>
              <NextIcon />
            </a>
            {mayBeWaived(check) && <a class="waive" href={`${here}/waive/${encodeURIComponent(check.key)}`} data-test={`handover-waive-${check.key}`}>{t("check_waive")}</a>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Summary({ view }: { view: CommissioningView }) {
  const waived = view.checks.filter((check) => check.state === "waived");
  return (
    <>
      <dl class="facts">
        {view.location && <><dt>{t("check_location")}</dt><dd>{view.location.name}<small>{view.location.address}, {view.location.city}</small></dd></>}
        {view.template && <><dt>{t("check_hardware")}</dt><dd>{view.template.name}</dd></>}
        {view.live.boot?.["charge_point_serial_number"] && <><dt>{t("lookup_serial")}</dt><dd class="mono">{view.live.boot["charge_point_serial_number"]}</dd></>}
        {waived.map((check) => <><dt key={check.key}>{checkName(check)}</dt><dd>{t("station_waived", { reason: check.reason ?? "" })}</dd></>)}
      </dl>
      {(view.station?.evses?.length ?? 0) > 0 && (
        <section class="stack">
          <h2 class="part">{t("handover_sockets")}</h2>
          {view.station?.evses?.map((evse) => <SocketWords key={evse.evse_sequence_number} evse={evse} none={view.none_checked} />)}
        </section>
      )}
    </>
  );
}

function SocketWords({ evse, none }: { evse: Evse; none: number[] }) {
  const number = evse.evse_sequence_number ?? 0;
  const limits = evse.parking_restrictions?.length ? evse.parking_restrictions.map((one) => t(`restriction_${one}`)).join(", ") : none.includes(number) ? t("texts_none") : "";
  const place = [evse.floor_level && `${t("texts_floor")} ${evse.floor_level}`, evse.physical_reference].filter(Boolean).join(" · ");
  return (
    <div class="card">
      <strong>{t("lookup_socket", { n: number })}{place && <span class="muted"> · {place}</span>}</strong>
      {evse.directions?.length ? evse.directions.map((one) => <p key={one.language} lang={one.language}>{one.text}</p>) : <p class="muted">{t("handover_no_directions")}</p>}
      {limits && <p class="muted">{limits}</p>}
    </div>
  );
}

/** Handed over on this phone, accepted by the server, released to drivers: three truths, told apart. */
function HandedOver({ view }: { view: CommissioningView }) {
  const last = lastTry(view);
  const waits = last !== null && isPending(last);
  const cpo = cpoOf(view.cpo_id);
  const moment = (at: string): string => when(at, now.value, language.value);
  const evses = view.station?.evses ?? [];
  return (
    <Screen
      title={t("handover_done")} name={t("handover_done")} subtitle={cpo?.name} parent="#/"
      foot={<Button test="home-scan" onClick={() => go("#/scan")}>{t("handover_next")}</Button>}
    >
      <div class="card celebrate" data-test="handover-done" data-accepted={!waits}>
        {evses.length > 0 && <StationPicture evses={evses} name={view.station_id} size={120} />}
        <Id text={view.station_id} />
        <p class="receiptline"><Receipt steps={waits ? (last.state === "sending" ? 2 : 1) : 3} /> {waits ? t("handover_waits") : view.handed_over && t("handover_accepted", { when: moment(view.handed_over) })}</p>
        {!waits && <p class="muted">{view.released ? t("handover_released", { when: moment(view.released) }) : cpo?.release_on === "support" && t("handover_support_releases")}</p>}
        {view.note && <p class="muted">“{view.note}”</p>}
      </div>
      <ul class="checks">
        {view.checks.map((check) => (
          <li key={check.key} class="check still">
            <MarkSign mark={check.state === "waived" ? "waived" : isSettled(check) ? "done" : "open"} word={t(isSettled(check) ? "state_done" : "state_open")} />
            <div><strong>{checkName(check)}</strong>{check.state === "waived" && <span>{t("station_waived", { reason: check.reason ?? "" })}</span>}</div>
          </li>
        ))}
      </ul>
      <Summary view={view} />
    </Screen>
  );
}

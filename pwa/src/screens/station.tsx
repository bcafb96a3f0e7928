import { useSignal } from "@preact/signals";
import { undescribed } from "../apply";
import { isSettled, markOf, needsFirst, nextCheck, openChecks, openDifferences, pathOf, runningTrial, tally } from "../checklist";
import { ladder } from "../ladder";
import { checkReceipt } from "../outbox";
import { outlets } from "../parts/hardware";
import { NextIcon } from "../parts/icons";
import { StationPicture } from "../parts/picture";
import { Button, Chip, Confirm, CopyButton, Empty, Id, MarkSign, Notice, Receipt, Screen } from "../parts/ui";
import { charger, checkName, socketList } from "../problems";
import { go, path, replace } from "../router";
import { cpoOf, enqueue, now, queue } from "../state";
import { span } from "../times";
import type { CheckView, CommissioningView } from "../types";
import { n, t, word } from "../words";
import { platformName } from "../world";

const STATE_WORD = { done: "state_done", waived: "state_waived", bad: "state_failed", wait: "state_wait", open: "state_open" } as const;

/** What is known of a check, or what it asks. */
function detail(check: CheckView, view: CommissioningView): string {
  if (check.state === "waived") return t("station_waived", { reason: check.reason ?? "" });
  switch (check.kind) {
    case "location":
      return view.location ? t("station_location_here", { name: view.location.name, city: view.location.city }) : t("station_location_open");
    case "hardware":
      return hardware(check, view);
    case "texts":
      return texts(check, view);
    case "online":
      return online(check, view);
    case "tests":
      return tests(check, view);
    default:
      return answer(check);
  }
}

function hardware(check: CheckView, view: CommissioningView): string {
  const evses = view.station?.evses ?? [];
  const sockets = evses.length ? ` · ${n("hardware_socket", outlets(evses).length)}` : "";
  if (check.state === "done") return (view.template?.name ?? view.station?.charge_point_model ?? t("check_hardware")) + sockets;
  return view.template ? t("station_hardware_waits", { name: view.template.name }) : t("station_hardware_open");
}

function texts(check: CheckView, view: CommissioningView): string {
  if (check.state === "done") return t("station_texts_done");
  return needsFirst(check, view) ? t("station_texts_first") : t("station_texts_missing", { list: socketList(undescribed(view)) });
}

function online(check: CheckView, view: CommissioningView): string {
  const { rung, cause, since } = ladder(view);
  const words = rung === "refused" ? word("knock", cause, "knock_other") : t(`online_state_${rung}`, { name: platformName(cpoOf(view.cpo_id)) });
  return check.state === "done" && rung === "online" ? words : `${words} · ${span(now.value - Date.parse(since))}`;
}

function tests(check: CheckView, view: CommissioningView): string {
  if (runningTrial(view)) return t("station_tests_running");
  if (check.state === "done") return testsDone(view);
  const left = view.tests?.left.length ?? 0;
  if (check.state === "failed") return left > 1 ? n("station_tests_left", left) : t("station_tests_failed");
  if (left > 0 && view.trials.length > 0) return n("station_tests_left", left);
  return t(needsFirst(check, view) ? "station_tests_first" : "station_tests_ready");
}

/** Not every test has to be done, and one may have failed since: what is true of them. */
function testsDone(view: CommissioningView): string {
  const { passed, failed } = tally(view);
  if (failed > 0) return t("station_tests_done_but", { passed, failed });
  return passed > 0 ? t("station_tests_done", { passed }) : t("state_done");
}

function answer(check: CheckView): string {
  const value = check.detail["value"];
  if (value === undefined) return t("station_not_answered");
  if (typeof value === "boolean") return t(value ? "yes" : "no");
  return `${String(value)} ${check.unit ?? ""}`.trim();
}

function CheckLine({ check, view, number, isNext }: { check: CheckView; view: CommissioningView; number: number; isNext: boolean }) {
  const mark = markOf(check, view);
  const receipt = checkReceipt(queue.value, view.id, check.key);
  return (
    <li>
      <a class={isNext ? "check now" : "check"} href={`${path("c", view.id)}/${pathOf(check, view)}`} data-test={`check-${check.key}`} data-state={check.state}>
        <MarkSign mark={mark} number={number} word={t(STATE_WORD[mark])} />
        <div>
          <strong>{checkName(check)}</strong>
          <span>{detail(check, view)}</span>
        </div>
        <Progress receipt={receipt} settled={isSettled(check)} />
      </a>
    </li>
  );
}

/** What became of the last change: refused, under way, or accepted and settled; else just the way there. */
function Progress({ receipt, settled }: { receipt: ReturnType<typeof checkReceipt>; settled: boolean }) {
  if (receipt === "refused") return <Chip tone="bad">! {t("outbox_refused")}</Chip>;
  return receipt && (receipt < 3 || settled) ? <Receipt steps={receipt} /> : <NextIcon />;
}

export function Station({ view }: { view: CommissioningView }) {
  const leaving = useSignal(false);
  const here = path("c", view.id);
  const next = nextCheck(view);
  const evses = view.station?.evses ?? [];
  const model = [view.station?.charge_point_vendor, view.station?.charge_point_model].filter(Boolean).join(" ");
  const cpo = cpoOf(view.cpo_id);
  const mayWork = view.mine && view.state === "open";
  const abandon = async (): Promise<void> => {
    await enqueue("abandon", view.id, {}, { station_id: view.station_id });
    replace("#/");
  };
  return (
    <Screen
      title={<span class="copyline"><Id text={view.station_id} test="station-id" /><CopyButton text={view.station_id} test="station-copy" /></span>}
      name={view.station_id} subtitle={[cpo?.name ?? view.cpo_id, model].filter(Boolean).join(" · ")} parent="#/"
      foot={mayWork ? <MainAction view={view} /> : undefined}
    >
      {!view.mine && view.state === "open" && <Taken view={view} />}
      {view.state === "abandoned" && <Notice tone="wait" title={t("station_abandoned")}><p>{t("station_abandoned_text")}</p></Notice>}
      {view.parked && <Parked view={view} />}
      <Differences view={view} />
      <ul class="checks">
        {view.checks.map((check, i) => <CheckLine key={check.key} check={check} view={view} number={i + 1} isNext={mayWork && check === next} />)}
      </ul>
      {mayWork && (
        <div class="row">
          <Button test="station-connect" tone="quiet" small onClick={() => go(`${here}/connect`)}>{t("station_connect")}</Button>
          {!view.parked && <Button test="station-park" tone="quiet" small onClick={() => go(`${here}/park`)}>{t("station_park")}</Button>}
        </div>
      )}
      {evses.length > 0 && <div class="card portrait"><StationPicture evses={evses} name={view.template?.name ?? view.station_id} size={132} /></div>}
      <dl class="facts" data-test="station-facts">
        {(view.plate_serial || mayWork) && (
          <>
            <dt>{t("station_serial")}</dt>
            <dd>
              {view.plate_serial && <Id text={view.plate_serial} test="station-serial" />}
              {mayWork && <Button test="station-serial-type" tone="quiet" small onClick={() => go(`${here}/serial`)}>{t(view.plate_serial ? "station_serial_again" : "station_serial_type")}</Button>}
            </dd>
          </>
        )}
        <dt>{t("station_tariff")}</dt>
        <dd>{view.station?.default_charge_station_tariff_id ?? cpo?.default_tariff_id}</dd>
        <dt>{t("station_charger_type")}</dt>
        <dd>{charger(view, cpo?.charger_type ?? "Public")}<small>{t("station_read_only", { cpo: cpo?.name ?? view.cpo_id })}</small></dd>
      </dl>
      {mayWork && openChecks(view).length > 0 && <Button test="handover-open" tone="quiet" small onClick={() => go(`${here}/handover`)}>{t("station_handover")}</Button>}
      {mayWork && <Button test="station-not-mine" tone="quiet" small onClick={() => (leaving.value = true)}>{t("station_not_mine")}</Button>}
      {leaving.value && (
        <Confirm
          title={t("station_not_mine_sure")} text={t("station_not_mine_text", { id: view.station_id })} action={t("station_not_mine_do")}
          test="station-not-mine-confirm" onYes={() => void abandon()} onNo={() => (leaving.value = false)}
        />
      )}
    </Screen>
  );
}

function MainAction({ view }: { view: CommissioningView }) {
  const here = path("c", view.id);
  const next = nextCheck(view);
  if (view.parked) return <Button test="station-resume" onClick={() => void enqueue("resume", view.id, {}, { station_id: view.station_id })}>{t("station_resume")}</Button>;
  if (!next) return <Button test="handover-open" onClick={() => go(`${here}/handover`)}>{t("station_handover")}</Button>;
  return <Button test="station-next" onClick={() => go(`${here}/${pathOf(next, view)}`)}>{checkName(next)}</Button>;
}

function Taken({ view }: { view: CommissioningView }) {
  const takeBack = (): void => void enqueue("continue", view.id, {}, { station_id: view.station_id });
  return (
    <Notice tone="wait" title={t("station_taken", { name: view.person.name })}>
      <p>{t("station_taken_text")}</p>
      <Button test="station-take-back" tone="quiet" small onClick={takeBack}>{t("station_take_back")}</Button>
    </Notice>
  );
}

/** That the station is not what was chosen for it; what differs stands where it is settled. */
function Differences({ view }: { view: CommissioningView }) {
  const open = openDifferences(view);
  if (!open.length || view.state !== "open") return null;
  return (
    <Notice tone="bad" title={n("station_differs", open.length)} test="station-differs">
      {view.mine && <Button test="station-findings" tone="quiet" small onClick={() => go(`${path("c", view.id)}/tests`)}>{t("station_differs_look")}</Button>}
    </Notice>
  );
}

function Parked({ view }: { view: CommissioningView }) {
  const { reason = "other", note, until } = view.parked ?? {};
  return (
    <Notice tone="wait" title={t("station_parked", { reason: word("park", reason, "park_other") })}>
      {until && <p>{t("station_parked_until", { date: until })}</p>}
      {note && <p>{note}</p>}
    </Notice>
  );
}

export function StationGone() {
  return (
    <Screen title={t("station_gone")} name={t("station_gone")} parent="#/" foot={<Button test="home-scan" onClick={() => go("#/scan")}>{t("home_scan")}</Button>}>
      <Empty title={t("station_gone")} text={t("station_gone_text")} />
    </Screen>
  );
}

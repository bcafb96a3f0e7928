import { NextIcon, GearIcon, ScanIcon } from "../parts/icons";
import { WorldTag } from "../parts/band";
import { Button, Chip, Empty, Screen } from "../parts/ui";
import { InstallHint } from "../parts/install";
import { nextCheck, progress, runningTrial } from "../checklist";
import { callsForPerson, ladder } from "../ladder";
import { checkName } from "../problems";
import { go, path } from "../router";
import { home, me, now } from "../state";
import { ago, span, when } from "../times";
import type { CommissioningView } from "../types";
import { language, t, word } from "../words";

/** What the person would want to know of it first. */
function line(view: CommissioningView): string {
  if (view.parked) return t("station_parked", { reason: word("park", view.parked.reason, "park_other") });
  const next = nextCheck(view);
  if (runningTrial(view)) return t("home_test_runs");
  if (!next) return t("home_ready");
  if (next.kind === "online") {
    const { rung, since } = ladder(view);
    if (callsForPerson(view)) return t(`online_state_${rung}`);
    return t("home_waiting_online", { span: span(now.value - Date.parse(since)) });
  }
  return t("home_next", { check: checkName(next) });
}

function Status({ view }: { view: CommissioningView }) {
  const { done, total } = progress(view);
  if (view.parked) return <Chip tone="plain">{t("state_parked")}</Chip>;
  if (nextCheck(view)?.kind === "online") {
    return callsForPerson(view) ? <Chip tone="bad">! {t("state_needs_you")}</Chip> : <Chip tone="wait">… {t("home_progress", { done, total })}</Chip>;
  }
  return <Chip tone={done === total ? "good" : "info"}>{done === total && "✓ "}{t("home_progress", { done, total })}</Chip>;
}

function Open({ view }: { view: CommissioningView }) {
  const { done, total } = progress(view);
  return (
    <a class="item" href={path("c", view.id)} data-test="home-item" data-station={view.station_id}>
      <div>
        <strong class="mono">{view.station_id}</strong>
        <span>{line(view)}</span>
        <span class="age">{view.location ? `${view.location.name} · ` : ""}{t("home_begun", { ago: ago(view.begun, now.value) })}</span>
      </div>
      <div class="side"><Status view={view} /><WorldTag cpoId={view.cpo_id} /></div>
      <span class="meter" aria-hidden="true">{Array.from({ length: total }, (_, i) => <i key={i} class={i < done ? "on" : ""} />)}</span>
    </a>
  );
}

function Recent({ view }: { view: CommissioningView }) {
  return (
    <a class="item" href={path("c", view.id)} data-test="home-recent" data-station={view.station_id}>
      <div>
        <strong class="mono">{view.station_id}</strong>
        <span>{view.handed_over && t("home_handed_over", { when: when(view.handed_over, now.value, language.value) })}{view.released && ` · ${t("home_released")}`}</span>
      </div>
      <div class="side"><NextIcon /><WorldTag cpoId={view.cpo_id} /></div>
    </a>
  );
}

export function Home() {
  const { open, recent } = home.value;
  const cpos = me.value?.cpos ?? [];
  return (
    <Screen
      title={t("home_title")} name={t("home_title")} subtitle={cpos.map((cpo) => cpo.name).join(", ")}
      aside={<a class="icon" href="#/settings" aria-label={t("home_settings")} data-test="home-settings"><GearIcon /></a>}
      foot={<Button test="home-scan" onClick={() => go("#/scan")}><ScanIcon />{t("home_scan")}</Button>}
    >
      <InstallHint />
      {open.length === 0 && <Empty title={t("home_empty")} text={t("home_empty_text")}><span class="big"><ScanIcon /></span></Empty>}
      {open.length > 0 && <h2 class="part">{t("home_open")}</h2>}
      {open.length > 0 && <div class="list">{open.map((view) => <Open key={view.id} view={view} />)}</div>}
      {recent.length > 0 && <h2 class="part">{t("home_recent")}</h2>}
      {recent.length > 0 && <div class="list">{recent.map((view) => <Recent key={view.id} view={view} />)}</div>}
    </Screen>
  );
}

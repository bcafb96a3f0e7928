import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ApiError } from "../../api";
import { runningTrial } from "../../checklist";
import { offersRemedy, swappedBefore } from "../../found";
import { uuid } from "../../ids";
import { t, word } from "../../later";
import { follow } from "../../live";
import { Button, Chip, Confirm, Notice, Screen } from "../../parts/ui";
import { problemWords } from "../../problems";
import { path, replace } from "../../router";
import { api, cpoOf, keepViews, now, queue, refreshView } from "../../state";
import { when } from "../../times";
import { isHazardous, isLine, nameOf, nextWanted, testsDone, trialsFor, wantedOf, waysOf, type How, type Wanted } from "../../trials";
import type { CommissioningView, TrialView } from "../../types";
import { language } from "../../words";
import { Hindered, hindranceNow } from "./hindered";
import { Outcome } from "./outcome";
import { Running } from "./running";
import { Sockets } from "./sockets";
import { pathOfTest } from "./where";

/** One test: what to do, what it waits for, what came of it, and what next. */
export function One({ view, one }: { view: CommissioningView; one: Wanted }) {
  useEffect(() => follow(view.id), [view.id]);
  const ways = waysOf(cpoOf(view.cpo_id), one.kind).filter((way) => way !== "check" && way !== "fix");
  const way = useSignal<How | null>(ways[0] ?? null);
  const asking = useSignal<How | "none" | null>(null);
  const busy = useSignal(false);
  const trouble = useSignal("");
  const running = runningTrial(view);
  const mine = running && isLine(running, one.kind, one.evse) ? running : null;
  const [last, ...earlier] = trialsFor(view, one.kind, one.evse).filter((trial) => trial.state !== "running");
  const why = busy.value ? null : hindranceNow(view, one.kind, way.value);

  const start = async (how: How | null): Promise<void> => {
    asking.value = null;
    busy.value = true;
    trouble.value = "";
    try {
      const body = { id: uuid(), commissioning_id: view.id, kind: one.kind, evse: one.evse, how };
      await keepViews([await api.post<CommissioningView>("/field/trials", body)]);
    } catch (error) {
      trouble.value = error instanceof ApiError ? problemWords(error) : t("tests_unknown");
      await refreshView(view.id).catch(() => undefined);
    }
    busy.value = false;
  };
  const begin = (how: How | null): void => {
    if (isHazardous(one.kind, how)) asking.value = how ?? "none";
    else void start(how);
  };
  const may = !why && !busy.value;
  return (
    <Screen
      title={t(`tests_kind_${one.kind}`)} name={nameOf(one.kind, one.evse)} parent={`${path("c", view.id)}/tests`}
      subtitle={[view.station_id, one.evse !== null && t("lookup_socket", { n: one.evse })].filter(Boolean).join(" · ")}
      foot={mine ? undefined : <Foot view={view} one={one} may={may} quiet={last !== undefined && offersRemedy(view, last) && !swappedBefore(queue.value, view, last)} onStart={() => begin(way.value)} />}
    >
      {trouble.value && <Notice tone="bad" test="tests-trouble">{trouble.value}</Notice>}
      {!mine && <Hindered view={view} why={why} />}
      {mine ? <Running trial={mine} view={view} /> : last ? <Outcome trial={last} view={view} onFix={() => begin("fix")} may={may} /> : <Before view={view} one={one} />}
      {!mine && one.state !== "passed" && ways.length > 1 && <Ways ways={ways} chosen={way.value} one={one} onChoose={(how) => (way.value = how)} />}
      {!mine && one.state === "passed" && <Button test="trial-start" tone="quiet" small disabled={!may} onClick={() => begin(way.value)}>{t("tests_again")}</Button>}
      {earlier.length > 0 && <Earlier trials={earlier} />}
      {asking.value && <Sure view={view} one={one} how={asking.value} onYes={() => void start(asking.value === "none" ? null : asking.value)} onNo={() => (asking.value = null)} />}
    </Screen>
  );
}

/** When it has passed, what comes next; else this one. */
function Foot({ view, one, may, quiet, onStart }: { view: CommissioningView; one: Wanted; may: boolean; quiet: boolean; onStart: () => void }) {
  const here = path("c", view.id);
  if (one.state !== "passed") {
    return <Button test="trial-start" tone={quiet ? "quiet" : "main"} disabled={!may} onClick={onStart}>{t(one.state === "failed" ? "tests_again" : `tests_${one.kind}`)}</Button>;
  }
  const next = testsDone(view) ? null : nextWanted(view, wantedOf(view, cpoOf(view.cpo_id)));
  if (!next) return <Button test="tests-to-station" onClick={() => replace(here)}>{t("online_to_station")}</Button>;
  return <Button test="tests-next" onClick={() => replace(pathOfTest(view, next.kind, next.evse))}>{t("tests_next", { name: nameOf(next.kind, next.evse) })}</Button>;
}

function Before({ view, one }: { view: CommissioningView; one: Wanted }) {
  const about = one.kind === "which" || one.kind === "charge";
  return (
    <div class="card">
      <p>{t(`tests_${one.kind}_text`)}</p>
      {(about || one.kind === "sockets") && <Sockets view={view} meant={one.evse} />}
    </div>
  );
}

interface WaysProps {
  ways: How[];
  chosen: How | null;
  one: Wanted;
  onChoose: (how: How) => void;
}

function Ways({ ways, chosen, one, onChoose }: WaysProps) {
  return (
    <fieldset class="field">
      <legend>{t("tests_ways")}</legend>
      <div class="toggles three">
        {ways.map((how) => (
          <button key={how} type="button" class={how === chosen ? "toggle on" : "toggle"} aria-pressed={how === chosen} data-test={`way-${how}`} onClick={() => onChoose(how)}>
            <span class="box round" aria-hidden="true">{how === chosen ? "●" : ""}</span>
            {word(`how_${one.kind}`, how, "how_other")}
          </button>
        ))}
      </div>
    </fieldset>
  );
}

function Sure({ view, one, how, onYes, onNo }: { view: CommissioningView; one: Wanted; how: How | "none"; onYes: () => void; onNo: () => void }) {
  const kind = how === "unlock" || how === "fix" ? how : "reboot";
  return (
    <Confirm
      title={t(`tests_${kind}_sure`, { id: view.station_id, socket: one.evse ?? 1 })} text={t(`tests_${kind}_warn`)} action={t(`tests_${kind}_do`)}
      test="trial-confirm" tone="main" onYes={onYes} onNo={onNo}
    />
  );
}

function Earlier({ trials }: { trials: TrialView[] }) {
  return (
    <section class="stack">
      <h2 class="part">{t("tests_earlier")}</h2>
      <div class="list" data-test="tests-earlier">
        {trials.slice(0, 5).map((trial) => (
          <div class="item" key={trial.id}>
            <div>
              <strong>{word("outcome", trial.outcome, "outcome_other")}</strong>
              <span>{when(trial.ended ?? trial.started, now.value, language.value)}{trial.by?.name && ` · ${trial.by.name}`}</span>
            </div>
            <Chip tone={trial.state === "passed" ? "good" : "bad"}>{t(trial.state === "passed" ? "tests_passed" : "tests_failed")}</Chip>
          </div>
        ))}
      </div>
    </section>
  );
}


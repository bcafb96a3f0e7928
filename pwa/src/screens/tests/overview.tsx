import { useEffect } from "preact/hooks";
import { runningTrial, type Mark } from "../../checklist";
import { t, word, type LateKey } from "../../later";
import { follow } from "../../live";
import { Findings } from "../../parts/findings";
import { NextIcon } from "../../parts/icons";
import { Button, MarkSign, Notice, Screen } from "../../parts/ui";
import { go, path, replace } from "../../router";
import { cpoOf, now } from "../../state";
import { when } from "../../times";
import { nameOf, nextWanted, testsDone, trialsFor, wantedOf, type Wanted } from "../../trials";
import type { CommissioningView } from "../../types";
import { language } from "../../words";
import { Hindered, hindranceNow } from "./hindered";
import { One } from "./one";
import { pathOfTest } from "./where";

/** The list of tests, or one of them: "tests", "tests/reach", "tests/which/2". */
export function Tests({ view, rest }: { view: CommissioningView; rest: string[] }) {
  const [kind, evse] = rest;
  const one = wantedOf(view, cpoOf(view.cpo_id)).find((each) => each.kind === kind && (evse === undefined || String(each.evse) === evse));
  return one ? <One view={view} one={one} /> : <Overview view={view} />;
}

function Overview({ view }: { view: CommissioningView }) {
  useEffect(() => follow(view.id), [view.id]);
  const here = path("c", view.id);
  const wanted = wantedOf(view, cpoOf(view.cpo_id));
  const required = wanted.filter((one) => one.required);
  const others = wanted.filter((one) => !one.required);
  const next = nextWanted(view, wanted);
  const running = runningTrial(view);
  return (
    <Screen
      title={t("tests_title")} name={t("tests_title")} subtitle={view.station_id} parent={here}
      foot={next && !testsDone(view)
        ? <Button test="tests-next" onClick={() => go(pathOfTest(view, next.kind, next.evse))}>{nameOf(next.kind, next.evse)}</Button>
        : <Button test="tests-to-station" onClick={() => replace(here)}>{t("online_to_station")}</Button>}
    >
      {!running && <Hindered view={view} why={hindranceNow(view, null, null)} />}
      <Findings view={view} />
      {required.length > 0 && <Progress required={required} />}
      {required.length > 0 && <Lines title={t("tests_required")} lines={required} view={view} next={next} />}
      {!wanted.length && <Nothing view={view} />}
      {others.length > 0 && <Lines title={t(required.length ? "tests_also" : "tests_any")} lines={others} view={view} next={next} />}
    </Screen>
  );
}

function Progress({ required }: { required: Wanted[] }) {
  const done = required.filter((one) => one.state === "passed").length;
  return (
    <div class="stack" data-test="tests-progress">
      <p class="strong">{t("tests_progress", { done, total: required.length })}</p>
      <progress max={required.length} value={done} aria-label={t("tests_progress", { done, total: required.length })} />
    </div>
  );
}

function Nothing({ view }: { view: CommissioningView }) {
  return (
    <Notice tone="wait" test="tests-none">
      {t("tests_none")}
      <Button test="tests-waive" tone="quiet" small onClick={() => go(`${path("c", view.id)}/waive/tests`)}>{t("check_waive")}</Button>
    </Notice>
  );
}

const MARKS: Record<Wanted["state"], Mark> = { open: "open", running: "wait", passed: "done", failed: "bad" };
const MARK_WORDS: Record<Wanted["state"], LateKey> = { open: "state_open", running: "state_wait", passed: "state_done", failed: "state_failed" };

function Lines({ title, lines, view, next }: { title: string; lines: Wanted[]; view: CommissioningView; next: Wanted | null }) {
  return (
    <section class="stack">
      <h2 class="part">{title}</h2>
      <ul class="checks">
        {lines.map((one, i) => (
          <li key={`${one.kind}${one.evse ?? ""}`}>
            <a class={one === next ? "check now" : "check"} href={pathOfTest(view, one.kind, one.evse)} data-test={`trial-${one.kind}${one.evse === null ? "" : `-${one.evse}`}`} data-state={one.state}>
              <MarkSign mark={MARKS[one.state]} number={i + 1} word={t(MARK_WORDS[one.state])} />
              <div><strong>{nameOf(one.kind, one.evse)}</strong><span>{lineWords(view, one)}</span></div>
              <NextIcon />
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What came of it last, or what it proves. */
function lineWords(view: CommissioningView, { kind, evse, state }: Wanted): string {
  const [last] = trialsFor(view, kind, evse);
  if (state === "running") return t("station_tests_running");
  if (state === "open" || !last?.outcome) return t(`tests_${kind}_text`);
  return `${word("outcome", last.outcome, "outcome_other")} ${when(last.ended ?? last.started, now.value, language.value)}`;
}

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Mark } from "../checklist";
import { awaitsFirst, grouped, isRemote, isUp, ladder, whereWeAre, type Ladder, type StepState } from "../ladder";
import { n, t, word, type LateKey } from "../later";
import { follow } from "../live";
import { Known } from "../parts/known";
import { Elsewhere, Sight } from "../parts/sight";
import { Adopted, NoStrangers, Strangers } from "../parts/strangers";
import { Button, Chip, Id, MarkSign, Screen } from "../parts/ui";
import { saying, type Saying } from "../reasons";
import { path, replace } from "../router";
import { cpoOf, db, me, now } from "../state";
import { exact, span, watch, when } from "../times";
import type { CommissioningView, KnockView } from "../types";
import { language } from "../words";
import { platformName } from "../world";

const STEPS: readonly LateKey[] = ["online_rung_called", "online_rung_admitted", "online_rung_started", "online_rung_online"];
const THEIRS: readonly LateKey[] = ["theirs_known", "online_rung_online"];
const MARKS: Record<StepState, Mark> = { done: "done", wait: "wait", bad: "bad", open: "open" };
const MARK_WORDS: Record<StepState, LateKey> = { done: "state_done", wait: "state_wait", bad: "state_failed", open: "state_open" };

const moment = (at: string): string => when(at, now.value, language.value);

export function Online({ view }: { view: CommissioningView }) {
  useEffect(() => follow(view.id), [view.id]);
  const secretless = useSignal(false);
  useEffect(() => {
    void db.get<string>("secrets", view.id).then((kept) => (secretless.value = !kept));
  }, [view.id]);
  const at = ladder(view);
  const up = isUp(view);
  const here = path("c", view.id);
  const said = saying(view, at, { when: moment(at.since), name: platformName(cpoOf(view.cpo_id)), secretless: secretless.value && view.mine });
  const bad = at.steps.includes("bad");
  return (
    <Screen
      title={t("online_title")} name={t("online_title")} subtitle={view.station_id} parent={here}
      foot={up
        ? <Button test="online-to-tests" onClick={() => replace(`${here}/tests`)}>{t("online_to_tests")}</Button>
        : <Button test="online-leave" tone="quiet" onClick={() => replace(here)}>{t("online_leave")}</Button>}
    >
      <div class="centre">
        <Chip tone={bad ? "bad" : up ? "good" : "wait"} test="online-since">
          {up ? `${bad ? "!" : "✓"} ${t("online_since", { when: moment(view.live.online_since ?? at.since) })}` : `${bad ? "!" : "◔"} ${t("online_watching", { span: watch(now.value - Date.parse(at.since)) })}`}
        </Chip>
      </div>
      {!up && view.elsewhere && <Elsewhere found={view.elsewhere} />}
      {awaitsFirst(view) && <Adopted view={view} />}
      <div class="card" data-test="online-state" data-state={at.rung} data-cause={at.cause} aria-live="polite">
        <ul class="ladder">
          {at.steps.map((step, i) => <Step key={i} number={i + 1} step={step} at={at} view={view} said={said} />)}
        </ul>
      </div>
      <Strangers view={view} />
      {isRemote(view) && <Sight view={view} />}
      <NoStrangers view={view} />
      {!up && <Button test="station-connect" tone="quiet" small onClick={() => replace(`${here}/connect`)}>{t("station_connect")}</Button>}
      <Known view={view} />
      <Bound view={view} at={at} />
      <Attempts knocks={view.knocks} />
    </Screen>
  );
}

interface StepProps {
  number: number;
  step: StepState;
  at: Ladder;
  view: CommissioningView;
  said: Saying;
}

function Step({ number, step, at, view, said }: StepProps) {
  const isHere = number - 1 === whereWeAre(at);
  const labels = isRemote(view) ? THEIRS : STEPS;
  return (
    <li class={isHere ? "here" : ""} aria-current={isHere ? "step" : undefined}>
      <MarkSign mark={MARKS[step]} number={number} word={t(MARK_WORDS[step])} />
      <div class="rung">
        <strong>{isHere ? said.title : t(labels[number - 1] ?? "online_rung_online", { name: platformName(cpoOf(view.cpo_id)) })}</strong>
        {isHere ? <Here at={at} view={view} said={said} /> : number === 1 && step === "done" && <p class="muted">{calledWords(view)}</p>}
      </div>
    </li>
  );
}

/** One sentence, one next step, and what it mostly is. */
function Here({ at, view, said }: { at: Ladder; view: CommissioningView; said: Saying }) {
  const phone = cpoOf(view.cpo_id)?.support_phone;
  return (
    <>
      <p data-test="online-text">{said.text}</p>
      <p class="next" data-test="online-next">{said.next}</p>
      {(at.rung === "rejected" || at.rung === "pending") && phone && <a class="btn quiet small" href={`tel:${phone}`} data-test="online-support">{t("online_call_support", { phone })}</a>}
      {said.causes.length > 0 && (
        <div class="likely" data-test="online-likely">
          <p class="muted">{t("online_likely")}</p>
          <ul>{said.causes.map((cause) => <li key={cause}>{t(cause)}</li>)}</ul>
        </div>
      )}
    </>
  );
}

/** When and from where it came last, as far as we know. */
function calledWords({ live, knocks }: CommissioningView): string {
  const refused = live.rung === "refused" ? knocks.find((knock) => knock.reason === live.cause) : undefined;
  if (refused) return t("online_from", { when: moment(refused.at), address: refused.address });
  const at = live.online_since ?? live.booted ?? live.seen;
  return at ? [exact(at, now.value, language.value), live.client_ip_address].filter(Boolean).join(", ") : "";
}

/** How long what is shown may be behind the truth; of another platform that is its own business. */
function Bound({ view, at }: { view: CommissioningView; at: Ladder }) {
  const seconds = me.value?.server.ocpp_bound_seconds;
  const failed = at.rung === "lost" && at.cause === "ping_failed";
  if (!seconds || isRemote(view) || !(isUp(view) || failed)) return null;
  return <p class="muted" data-test="online-bound">{t(failed ? "online_bound_lost" : "online_bound", { span: span(seconds * 1000) })}</p>;
}

function Attempts({ knocks }: { knocks: KnockView[] }) {
  const lines = grouped(knocks.filter((knock) => knock.reason !== "accepted")).slice(0, 6);
  if (!lines.length) return null;
  return (
    <section class="stack">
      <h2 class="part">{t("online_attempts")}</h2>
      <div class="list" data-test="online-attempts">
        {lines.map(({ knock, times }) => (
          <div class="item" key={knock.at} data-test="online-attempt" data-reason={knock.reason}>
            <div>
              <strong>{word("knock", knock.reason, "knock_other")}</strong>
              <span>{moment(knock.at)} · {knock.address}{times > 1 && ` · ${n("online_times", times)}`}</span>
              <Id text={knock.identity} />
            </div>
          </div>
        ))}
      </div>
    </section>
  );
}

import { useEffect } from "preact/hooks";
import { grouped, isRemote, ladder, type Ladder, type RungState } from "../ladder";
import { follow } from "../live";
import { Elsewhere, Sight } from "../parts/sight";
import { Adopted, NoStrangers, Strangers } from "../parts/strangers";
import { Button, Chip, Id, MarkSign, Screen } from "../parts/ui";
import type { Mark } from "../checklist";
import { path, replace } from "../router";
import { cpoOf, now } from "../state";
import { exact, watch, when } from "../times";
import type { CommissioningView, KnockView } from "../types";
import { language, n, t, word, type WordKey } from "../words";
import { platformName } from "../world";

const RUNGS: readonly WordKey[] = ["online_rung_called", "online_rung_admitted", "online_rung_started", "online_rung_online"];
const MARKS: Record<RungState, Mark> = { done: "done", wait: "wait", bad: "bad", open: "open" };
const MARK_WORDS: Record<RungState, WordKey> = { done: "state_done", wait: "state_wait", bad: "state_failed", open: "state_open" };

const moment = (at: string): string => when(at, now.value, language.value);

/** Why it is as it is, and the one next step. */
function saying(view: CommissioningView, { state, knock, since }: Ladder): { title: string; next: string } {
  if (isRemote(view)) return theirWords(view, state, since);
  const title = t(`online_state_${state}`);
  if (knock) return { title: word("knock", knock.reason, "knock_other"), next: word("knock_next", knock.reason, "knock_next_other") };
  if (state === "lost") return { title, next: word("lost", view.live.offline_reason, "lost_other", { when: moment(since) }) };
  if (state === "never" && view.adopted) return { title: t("online_state_again"), next: t(view.connect.password_set_at ? "online_next_again" : "online_next_no_password") };
  if (state === "never") return { title, next: t(view.connect.password_set_at ? "online_next_never" : "online_next_no_password") };
  return { title, next: t(`online_next_${state}`) };
}

/** In their words: the platform sees it, does not see it yet, or lost sight of it. */
function theirWords(view: CommissioningView, state: Ladder["state"], since: string): { title: string; next: string } {
  const name = platformName(cpoOf(view.cpo_id));
  if (state === "online") return { title: t("online_state_online"), next: t("online_next_online") };
  if (state === "lost") return { title: t("online_state_lost"), next: t("lost_lost", { when: moment(since) }) };
  return { title: t("online_state_unseen", { name }), next: t("online_next_unseen") };
}

export function Online({ view }: { view: CommissioningView }) {
  useEffect(() => follow(view.id), [view.id]);
  const steps = ladder(view);
  const up = steps.state === "online" || steps.state === "silent";
  const { title, next } = saying(view, steps);
  const here = path("c", view.id);
  const bad = steps.rungs.includes("bad");
  return (
    <Screen
      title={t("online_title")} name={t("online_title")} subtitle={view.station_id} parent={here}
      foot={up
        ? <Button test="online-to-tests" onClick={() => replace(`${here}/tests`)}>{t("online_to_tests")}</Button>
        : <Button test="online-leave" tone="quiet" onClick={() => replace(here)}>{t("online_leave")}</Button>}
    >
      <div class="centre">
        <Chip tone={up ? "good" : bad ? "bad" : "wait"} test="online-since">
          {up ? `✓ ${t("online_since", { when: moment(steps.since) })}` : `◔ ${t("online_watching", { span: watch(now.value - Date.parse(steps.since)) })}`}
        </Chip>
      </div>
      {!up && view.elsewhere && <Elsewhere found={view.elsewhere} />}
      {view.adopted && !up && <Adopted view={view} />}
      <Strangers view={view} />
      <div class="card" data-test="online-state" data-state={steps.state} aria-live="polite">
        <ul class="ladder">
          {steps.rungs.map((rung, i) => <Rung key={i} number={i + 1} rung={rung} steps={steps} view={view} title={title} next={next} isHere={i === whereWeAre(steps)} />)}
        </ul>
      </div>
      {isRemote(view) && <Sight view={view} />}
      <NoStrangers view={view} />
      {!up && <Button test="station-connect" tone="quiet" small onClick={() => replace(`${here}/connect`)}>{t("station_connect")}</Button>}
      {up && <Says view={view} />}
      <Attempts knocks={view.knocks} />
    </Screen>
  );
}

/** The rung that needs attention; the top one when all is well. */
function whereWeAre({ rungs }: Ladder): number {
  const at = rungs.findIndex((rung) => rung === "bad" || rung === "wait");
  return at === -1 ? rungs.length - 1 : at;
}

interface RungProps {
  number: number;
  rung: RungState;
  steps: Ladder;
  view: CommissioningView;
  title: string;
  next: string;
  isHere: boolean;
}

function Rung({ number, rung, steps, view, title, next, isHere }: RungProps) {
  return (
    <li class={isHere ? "here" : ""}>
      <MarkSign mark={MARKS[rung]} number={number} word={t(MARK_WORDS[rung])} />
      <div>
        <strong>{isHere ? title : t(RUNGS[number - 1 + RUNGS.length - steps.rungs.length] ?? "online_rung_online")}</strong>
        {isHere && <p>{next}</p>}
        {number === 1 && !isHere && steps.rungs.length > 1 && <p class="muted">{calledWords(steps, view)}</p>}
      </div>
    </li>
  );
}

function calledWords({ knock }: Ladder, { live }: CommissioningView): string {
  if (knock) return t("online_from", { when: moment(knock.at), address: knock.address });
  const at = live.online_since ?? live.booted ?? live.seen;
  return at ? [exact(at, now.value, language.value), live.client_ip_address].filter(Boolean).join(", ") : "";
}

function Says({ view: { live } }: { view: CommissioningView }) {
  const boot = live.boot;
  const model = [boot?.charge_point_vendor, boot?.charge_point_model].filter(Boolean).join(" ");
  const serial = boot?.charge_point_serial_number ?? boot?.charge_box_serial_number;
  const sockets = live.connectors.filter((connector) => connector.id !== "0");
  if (!model && !sockets.length) return null;
  return (
    <section class="stack">
      <h2 class="part">{t("online_station_says")}</h2>
      <dl class="facts">
        {model && <><dt>{t("lookup_model")}</dt><dd>{model}</dd></>}
        {serial && <><dt>{t("lookup_serial")}</dt><dd class="mono">{serial}</dd></>}
        {boot?.firmware_version && <><dt>{t("online_firmware")}</dt><dd>{boot.firmware_version}</dd></>}
        {sockets.map((connector) => (
          <>
            <dt key={connector.id}>{t("lookup_socket", { n: connector.id })}</dt>
            <dd>{connector.status}{connector.error_code !== "NoError" && <small>{connector.error_code}</small>}</dd>
          </>
        ))}
      </dl>
    </section>
  );
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

import { useSignal } from "@preact/signals";
import { findingOf, pairOf, reactedOf, swappedBefore } from "../../found";
import { t } from "../../later";
import { isPending, receiptOf } from "../../outbox";
import { Button, Confirm, Id, Notice, Receipt } from "../../parts/ui";
import { enqueue, queue } from "../../state";
import type { CommissioningView, TrialView } from "../../types";
import { language } from "../../words";
import { Sockets } from "./sockets";

/** Something else reacted than was meant: which one, and putting that right. */
export function Reacted({ trial, view }: { trial: TrialView; view: CommissioningView }) {
  const reacted = reactedOf(trial);
  const pair = pairOf(trial);
  if (trial.outcome === "other_station" && reacted && reacted.station_id !== view.station_id) return <Elsewhere id={reacted.station_id} words={wordsOf(reacted.directions)} socket={reacted.evse} />;
  if (trial.outcome !== "other_socket") return trial.evse != null && trial.outcome === "this_one" ? <Sockets view={view} meant={trial.evse} lit={trial.evse} /> : null;
  return (
    <>
      <Sockets view={view} meant={trial.evse ?? null} lit={reacted?.evse ?? null} />
      {pair && <Swap view={view} pair={pair} trial={trial} />}
    </>
  );
}

function wordsOf(texts: { language: string; text: string }[]): string {
  return (texts.find((one) => one.language === language.value) ?? texts[0])?.text ?? "";
}

function Elsewhere({ id, words, socket }: { id: string; words: string; socket: number | null }) {
  return (
    <div class="stack" data-test="trial-other-station">
      <p>{t("reacted_station")}</p>
      <Id text={id} />
      <p class="muted">{[socket !== null && t("lookup_socket", { n: socket }), words].filter(Boolean).join(" · ")}</p>
    </div>
  );
}

/** Left and right change their words, labels and limits; the same again takes it back. */
function Swap({ view, pair, trial }: { view: CommissioningView; pair: [number, number]; trial: TrialView }) {
  const asking = useSignal(false);
  const [first, second] = pair;
  const since = trial.ended ?? trial.started;
  const again = swappedBefore(queue.value, view, trial);
  const sent = queue.value.filter((item) => item.op.kind === "swap_sockets" && item.op.commissioning_id === view.id);
  const waiting = sent.find(isPending);
  const mixed = findingOf(view, pair);
  const back = sent.filter((item) => item.state === "accepted" && item.op.made_at >= since).length % 2 === 0 && sent.length > 0;
  const swap = (): void => {
    asking.value = false;
    void enqueue("swap_sockets", view.id, { evses: pair }, { station_id: view.station_id });
  };
  if (waiting) return <Notice tone="wait" test="swap-sending"><p><Receipt steps={receiptOf(waiting)} /> {t("swap_sending")}</p></Notice>;
  if (!mixed) {
    return (
      <Notice tone="good" title={t(back ? "swap_back" : "swap_done", { first, second })} test="swap-done">
        <p>{t(back ? "swap_back_again" : "swap_again")}</p>
        <Button test="swap-undo" tone="quiet" small onClick={swap}>{t(back ? "swap_do" : "swap_undo")}</Button>
      </Notice>
    );
  }
  return (
    <>
      <p>{t(again ? "swap_twice" : "swap_text", { first, second })}</p>
      <Button test="swap" tone={again ? "quiet" : "main"} onClick={() => (asking.value = true)}>{t("swap_do", { first, second })}</Button>
      {asking.value && <Confirm title={t("swap_sure", { first, second })} text={t("swap_warn")} action={t("way_swap")} tone="main" test="swap-confirm" onYes={swap} onNo={() => (asking.value = false)} />}
    </>
  );
}

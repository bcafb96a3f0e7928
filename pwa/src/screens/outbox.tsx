import { useSignal } from "@preact/signals";
import { n, t, type LateKey } from "../later";
import { withDependants } from "../outbox";
import { Button, Chip, Confirm, Empty, Notice, Receipt, Screen } from "../parts/ui";
import { receiptOf } from "../outbox";
import { codeWords, laterWords, socketList } from "../problems";
import { discard, now, personId, queue, retry, sync, syncStatus, takeMine } from "../state";
import { span, when } from "../times";
import type { DisplayText, Queued } from "../types";
import { language } from "../words";

/** What an operation does, in the person's words. */
function title({ op, hint }: Queued): string {
  switch (op.kind) {
    case "begin": return t("op_begin", { station: op.body.station_id });
    case "create_location": return t("op_create_location", { name: op.body.location.name });
    case "choose_location": return t("op_choose_location", { name: hint.location?.name ?? op.body.location_id });
    case "apply_template": return t("op_apply_template", { name: hint.template?.name ?? op.body.template_id });
    case "describe_evse": return t("op_describe_evse", { list: socketList(op.body.evse_sequence_numbers) });
    default: return t(`op_${op.kind}`);
  }
}

const STATE: Record<Queued["state"], { words: LateKey; tone: "wait" | "info" | "good" | "bad"; sign: string }> = {
  queued: { words: "outbox_waiting", tone: "wait", sign: "…" },
  sending: { words: "outbox_sending", tone: "info", sign: "↑" },
  accepted: { words: "outbox_accepted", tone: "good", sign: "✓" },
  refused: { words: "outbox_refused", tone: "bad", sign: "!" },
};

export function Outbox() {
  const removing = useSignal<Queued | null>(null);
  const left = queue.value.filter((item) => item.state !== "accepted");
  const recent = queue.value.filter((item) => item.state === "accepted").slice(-20).reverse();
  const { next_try, phase } = syncStatus.value;
  const waits = left.some((item) => item.state === "queued");
  return (
    <Screen
      title={t("outbox_title")} name={t("outbox_title")} parent="#/"
      foot={waits ? <Button test="outbox-send" disabled={phase === "sending"} onClick={() => void sync.kick("manual")}>{t("outbox_send_now")}</Button> : undefined}
    >
      {left.length === 0 && <Empty title={t("outbox_empty")} text={t("outbox_empty_text")}><span class="big">✓</span></Empty>}
      {waits && next_try !== null && <p class="muted">{t("strip_next_try", { waits: n("strip_waits", left.length), span: span(Math.max(0, next_try - now.value)) })}</p>}
      <div class="stack">{left.map((item) => <Line key={item.seq} item={item} remove={() => (removing.value = item)} />)}</div>
      {recent.length > 0 && (
        <section class="stack">
          <h2 class="part">{t("outbox_recent")}</h2>
          <div class="list">
            {recent.map((item) => (
              <div class="item" key={item.seq} data-test="outbox-accepted">
                <div><strong>{title(item)}</strong><span>{item.hint.station_id} · {when(item.op.made_at, now.value, language.value)}</span></div>
                <Receipt steps={3} />
              </div>
            ))}
          </div>
        </section>
      )}
      {removing.value && <Removing item={removing.value} done={() => (removing.value = null)} />}
    </Screen>
  );
}

function Line({ item, remove }: { item: Queued; remove: () => void }) {
  const { words, tone, sign } = STATE[item.state];
  const foreign = item.person_id !== personId.value;
  const clash = item.result?.code === "changed_meanwhile";
  return (
    <article class="card" data-test="outbox-item" data-kind={item.op.kind} data-state={item.state}>
      <div class="labelrow"><strong>{title(item)}</strong><Chip tone={tone}>{sign} {t(words)}</Chip></div>
      <p class="muted"><span class="mono">{item.hint.station_id}</span> · {when(item.op.made_at, now.value, language.value)}{item.tries > 1 && ` · ${n("outbox_tries", item.tries)}`}</p>
      {item.state !== "refused" && <p class="muted receiptline"><Receipt steps={receiptOf(item)} /> {t(`receipt_${receiptOf(item)}`)}</p>}
      {foreign && <Notice tone="wait">{t("outbox_foreign")}</Notice>}
      {item.result?.state === "later" && <Notice tone="wait" test="outbox-later">{laterWords(item.result.code)}</Notice>}
      {item.result && item.state === "refused" && <Notice tone="bad" test="outbox-reason">{codeWords(item.result.code, item.result.detail)}</Notice>}
      {clash && item.state === "refused" ? <Clash item={item} /> : (
        <div class="row">
          {item.state === "refused" && <Button test="outbox-retry" tone="quiet" small onClick={() => void retry(item)}>{t("retry")}</Button>}
          {item.state !== "sending" && <Button test="outbox-remove" tone="quiet" small onClick={remove}>{t("outbox_remove")}</Button>}
        </div>
      )}
    </article>
  );
}

function inWords(value: unknown): string {
  if (Array.isArray(value)) {
    const texts = value.map((one) => (typeof one === "string" ? restriction(one) : ((one as DisplayText | null)?.text ?? "")));
    return texts.filter(Boolean).join(", ") || t("outbox_nothing");
  }
  return typeof value === "string" && value ? value : t("outbox_nothing");
}

function restriction(code: string): string {
  const known = ["EV_ONLY", "PLUGGED", "CUSTOMERS", "DISABLED", "MOTORCYCLES"].includes(code);
  return known ? t(`restriction_${code}` as LateKey) : code;
}

/** Two people wrote the same thing: both versions, and the person's choice. */
function Clash({ item }: { item: Queued }) {
  const detail = item.result?.detail ?? {};
  return (
    <>
      <dl class="facts versions">
        <dt>{t("outbox_mine")}</dt><dd data-test="outbox-yours">{inWords(detail["yours"])}</dd>
        <dt>{t("outbox_theirs")}</dt><dd data-test="outbox-theirs">{inWords(detail["theirs"])}</dd>
      </dl>
      <div class="row">
        <Button test="outbox-take-theirs" tone="quiet" small onClick={() => void discard(item)}>{t("outbox_take_theirs")}</Button>
        <Button test="outbox-take-mine" small onClick={() => void takeMine(item)}>{t("outbox_take_mine")}</Button>
      </div>
    </>
  );
}

function Removing({ item, done }: { item: Queued; done: () => void }) {
  const more = withDependants(queue.value, item.seq).length - 1;
  const remove = (): void => {
    done();
    void discard(item);
  };
  return (
    <Confirm
      title={t("outbox_remove_sure")} action={t("outbox_remove_do")} test="outbox-remove-confirm" onYes={remove} onNo={done}
      text={<>{title(item)}. {t("outbox_remove_text")} {more > 0 && n("outbox_remove_more", more)}</>}
    />
  );
}

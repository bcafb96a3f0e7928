import { differing } from "../ids";
import { isRemote } from "../ladder";
import { n, t, word } from "../later";
import { isPending, receiptOf } from "../outbox";
import { enqueue, now, queue } from "../state";
import { when } from "../times";
import type { CommissioningView, StrangerView } from "../types";
import { language } from "../words";
import { Button, Notice, Receipt } from "./ui";

/** Where attempts are made here, and until it was online once. */
const listens = (view: CommissioningView): boolean => !isRemote(view) && view.state === "open" && !view.live.seen;

/** Stations that call and that nobody knows: one of them may be the one that the installer stands in front of. */
export function Strangers({ view }: { view: CommissioningView }) {
  const found = listens(view) ? (view.strangers ?? []) : [];
  if (!found.length) return null;
  return (
    <section class="stack" data-test="strangers" aria-live="polite">
      <h2 class="part">{n("strangers_title", found.length)}</h2>
      <p class="muted">{n("strangers_text", found.length)}</p>
      {found.map((stranger) => <Stranger key={stranger.id} stranger={stranger} view={view} />)}
    </section>
  );
}

export function NoStrangers({ view }: { view: CommissioningView }) {
  if (!listens(view) || view.strangers?.length || view.adopted) return null;
  return <p class="muted" data-test="strangers-none">{t("strangers_none")}</p>;
}

/** After "this is my station": how far that came, and what is still to be done before it is let in. */
export function Adopted({ view }: { view: CommissioningView }) {
  const { adopted, connect } = view;
  const sending = queue.value.find((item) => item.op.kind === "adopt" && item.op.commissioning_id === view.id && isPending(item));
  const next = sending ? t("adopted_sending") : nextWords(view);
  if (!adopted) return null;
  return (
    <Notice tone={!sending && connect.password_set_at && view.station ? "good" : "wait"} title={t("adopted_title", { id: view.station_id })} test="adopted">
      <p>{sending && <Receipt steps={receiptOf(sending)} />} {next}</p>
      <p>{t("adopted_was", { id: adopted.station_id })}</p>
    </Notice>
  );
}

function nextWords({ station, connect }: CommissioningView): string {
  if (!station) return t("adopted_no_station");
  return t(connect.password_set_at ? "adopted_next" : "adopted_password");
}

function Stranger({ stranger, view }: { stranger: StrangerView; view: CommissioningView }) {
  const mine = stranger.nearest === view.station_id;
  const adopt = (): void => {
    void enqueue("adopt", view.id, { knock_id: stranger.id }, { station_id: stranger.identity });
  };
  const maker = [stranger.vendor, stranger.model].filter(Boolean).join(" ");
  return (
    <article class="card stranger" data-test="stranger" data-identity={stranger.identity}>
      <dl class="pair">
        <dt>{t("stranger_calls_itself")}</dt>
        <dd><Marked text={stranger.identity} other={stranger.nearest} /></dd>
        {stranger.nearest && <>
          <dt>{t(mine ? "stranger_here" : "stranger_known")}</dt>
          <dd><Marked text={stranger.nearest} other={stranger.identity} /></dd>
        </>}
      </dl>
      <p>{stranger.differs ? word("differs", stranger.differs, "differs_several") : t("differs_all")} {passwordWords(stranger, mine)}</p>
      {maker && <p data-test="stranger-model"><strong>{maker}</strong>{stranger.serial && <> · {t("lookup_serial")} <span class="mono">{stranger.serial}</span></>}</p>}
      <p class="muted">
        {when(stranger.at, now.value, language.value)}{stranger.times > 1 && ` · ${n("online_times", stranger.times)}`} · {stranger.address} · {t(stranger.tls ? "stranger_tls" : "stranger_plain")}
      </p>
      {view.mine && <Button test="adopt" tone={mine ? "main" : "quiet"} onClick={adopt}>{t("adopt")}</Button>}
    </article>
  );
}

/** What its credentials are worth. Only for this station the comparison with its password says something. */
function passwordWords({ auth, password }: StrangerView, mine: boolean): string {
  if (!password) return t(auth === "none" ? "stranger_no_password" : "stranger_other_user");
  return t(auth === "right" && mine ? "stranger_right_password" : "stranger_own_password");
}

/** An id with what is other in it than in the other one. */
function Marked({ text, other }: { text: string; other: string | null }) {
  const [from, to] = other === null ? [0, 0] : differing(text, other);
  return (
    <span class="id" translate={false}>
      {text.slice(0, from)}{to > from && <mark>{text.slice(from, to)}</mark>}{text.slice(to)}
    </span>
  );
}

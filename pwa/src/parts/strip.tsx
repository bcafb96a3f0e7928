import { useComputed } from "@preact/signals";
import { isPending } from "../outbox";
import { route } from "../router";
import { heardAt, me, now, own, queue, reached, signedOut, skew, syncStatus, tally, tick } from "../state";
import { exact, span } from "../times";
import { language, n, t, word } from "../words";

export interface StripSays {
  tone: "good" | "wait" | "bad" | "plain";
  mark: string;
  text: string;
  link: string | null;
}

const OUTBOX = "#/outbox";

/** The truth about the network in one line, worst first. */
export function stripSays(): StripSays {
  const { pending, refused } = tally.value;
  const status = syncStatus.value;
  const heard = heardAt.value === null ? null : exact(heardAt.value + skew.value, now.value, language.value);
  const waits = n("strip_waits", pending);
  if (signedOut.value && me.value) {
    const text = pending ? n("strip_sign_in", pending) : t("strip_signed_out");
    return { tone: "bad", mark: "!", text, link: "#/join" };
  }
  if (status.phase === "sending") {
    return { tone: "plain", mark: "↑", text: t("strip_sending", { n: status.sending, m: pending }), link: OUTBOX };
  }
  if (refused && reached.value !== false) return { tone: "bad", mark: "!", text: n("strip_refused", refused), link: OUTBOX };
  if (pending && (status.trouble === "unreachable" || reached.value === false)) {
    return { tone: "wait", mark: "●", text: n("strip_no_signal_waits", pending), link: OUTBOX };
  }
  if (pending && status.trouble === "server") return { tone: "wait", mark: "●", text: t("strip_server", { waits }), link: OUTBOX };
  if (pending) {
    const why = heldWhy();
    if (why) return { tone: "wait", mark: "●", text: t("strip_held", { why, waits }), link: OUTBOX };
    const left = status.next_try === null ? null : status.next_try - tick.value;
    const text = left === null || left < 0 ? waits : t("strip_next_try", { waits, span: span(left) });
    return { tone: "wait", mark: "●", text, link: OUTBOX };
  }
  if (reached.value === false && refused) {
    return { tone: "bad", mark: "!", text: `${t("strip_no_signal_never")} · ${n("strip_refused", refused)}`, link: OUTBOX };
  }
  if (reached.value === false) {
    return { tone: "wait", mark: "○", text: heard ? t("strip_no_signal", { time: heard }) : t("strip_no_signal_never"), link: null };
  }
  if (reached.value === null || heard === null) return { tone: "plain", mark: "○", text: t("strip_connecting"), link: null };
  if (!queue.value.length) return { tone: "plain", mark: "✓", text: t("strip_connected"), link: null };
  return { tone: "good", mark: "✓", text: t("strip_all_sent", { time: heard }), link: null };
}

/** What the platform behind the server puts off: the first reason, since the others may follow from it. */
function heldWhy(): string | null {
  const held = own.value.find((item) => isPending(item) && item.result?.state === "later");
  return held ? word("strip_held", held.result?.code, "strip_held_platform_unavailable") : null;
}

export function Strip() {
  const says = useComputed(stripSays);
  if (!me.value) return null;
  const { tone, mark, text, link } = says.value;
  return (
    <div class={`strip ${tone}`} role="region" aria-label={t("strip_name")} data-test="strip" data-tone={tone}>
      <span aria-hidden="true">{mark}</span>
      <b>{text}</b>
      {link && !(link === OUTBOX && route.value.parts[0] === "outbox") && <a href={link} data-test="strip-show">{t(link === OUTBOX ? "show" : "strip_sign_in_do")}</a>}
    </div>
  );
}

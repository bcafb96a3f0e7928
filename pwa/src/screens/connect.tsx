import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { password as makePassword } from "../ids";
import { isRemote } from "../ladder";
import { t } from "../later";
import { isPending, isReplaced, receiptOf } from "../outbox";
import { Button, CopyButton, Id, Notice, Receipt, Screen } from "../parts/ui";
import { codeWords } from "../problems";
import { go, path } from "../router";
import { cpoOf, db, enqueue, now, queue } from "../state";
import { when } from "../times";
import type { CommissioningView, Queued } from "../types";
import { language } from "../words";
import { platformName } from "../world";

function Line({ label, text, test, group = 0 }: { label: string; text: string; test: string; group?: number }) {
  return (
    <div class="typed">
      <span class="muted">{label}</span>
      <div class="copyline"><Id text={text} test={test} group={group} /><CopyButton text={text} test={`${test}-copy`} /></div>
    </div>
  );
}

function lastSet(id: string): Queued | null {
  return queue.value.filter((item) => item.op.kind === "set_password" && item.op.commissioning_id === id).at(-1) ?? null;
}

export function Connect({ view }: { view: CommissioningView }) {
  return isRemote(view) ? <ConnectThere view={view} /> : <ConnectHere view={view} />;
}

/** On another platform: its address, and a password that is not ours to make. */
function ConnectThere({ view }: { view: CommissioningView }) {
  const { connect } = view;
  const cpo = cpoOf(view.cpo_id);
  const name = platformName(cpo);
  const phone = cpo?.support_phone;
  return (
    <Screen
      title={t("connect_title")} name={t("connect_title")} subtitle={view.station_id} parent={path("c", view.id)}
      foot={<Button test="connect-next" onClick={() => go(`${path("c", view.id)}/online`)}>{t("connect_next")}</Button>}
    >
      <h2 class="part">{t("connect_intro")}</h2>
      <div class="card typedlist">
        {connect.url ? <Line label={t("connect_url")} text={connect.url} test="connect-url" /> : <p data-test="connect-no-url">{t("connect_no_url", { name })}</p>}
        <Line label={t("connect_identity")} text={connect.identity} test="connect-identity" />
        <div class="typed">
          <span class="muted">{t("connect_password")}</span>
          <p data-test="connect-password-words">{t("connect_by_platform", { name })} {phone && <a href={`tel:${phone}`}>{t("call_support", { phone })}</a>}</p>
        </div>
      </div>
      {connect.url && <WholeAddress url={connect.url} identity={connect.identity} />}
    </Screen>
  );
}

function WholeAddress({ url, identity }: { url: string; identity: string }) {
  return (
    <details class="card">
      <summary>{t("connect_one_address")}</summary>
      <Line label={t("connect_url")} text={`${url.replace(/\/$/, "")}/${encodeURIComponent(identity)}`} test="connect-whole-url" />
    </details>
  );
}

function ConnectHere({ view }: { view: CommissioningView }) {
  const secret = useSignal<string | null>(null);
  const { connect } = view;
  useEffect(() => {
    void db.get<string>("secrets", view.id).then((kept) => (secret.value = kept ?? null));
  }, [view.id]);

  const renew = async (): Promise<void> => {
    const made = makePassword();
    await db.put("secrets", view.id, made);
    secret.value = made;
    await enqueue("set_password", view.id, { password: made }, { station_id: view.station_id });
  };
  const last = lastSet(view.id);
  const refused = last?.state === "refused" ? last.result : null;
  /** The station may be restarted once the server has accepted it. */
  const receipt = last && isPending(last) ? receiptOf(last) : 3;
  const replaced = isReplaced(last, connect.password_set_at, view.adopted?.at);
  const shown = refused || replaced ? null : secret.value;
  const online = `${path("c", view.id)}/online`;
  const changeable = connect.password_changeable && view.mine && view.state === "open";
  const needed = !shown && !connect.password_set_at;
  return (
    <Screen
      title={t("connect_title")} name={t("connect_title")} subtitle={view.station_id} parent={path("c", view.id)}
      foot={needed && changeable
        ? <Button test="connect-new-password" onClick={() => void renew()}>{t("connect_new_password")}</Button>
        : <Button test="connect-next" onClick={() => go(online)}>{t("connect_next")}</Button>}
    >
      <h2 class="part">{t("connect_intro")}</h2>
      <div class="card typedlist">
        <Line label={t("connect_url")} text={connect.url} test="connect-url" />
        <Line label={t("connect_identity")} text={connect.identity} test="connect-identity" />
        <div class="typed"><span class="muted">{t("connect_subprotocol")}</span><p data-test="connect-subprotocol">{t("connect_protocols")}</p></div>
        {connect.security_profile !== null && (
          <div class="typed"><span class="muted">{t("connect_profile")}</span><p data-test="connect-profile">{t(`connect_profile_${connect.security_profile}`)}</p></div>
        )}
        {shown ? (
          <>
            <Line label={t("connect_password")} text={shown} test="connect-password" group={5} />
            <p class="muted" data-test="connect-gaps">{t("connect_gaps")}</p>
            <p class="muted receiptline"><Receipt steps={receipt} /> {t(`receipt_${receipt}`)} · {t("connect_only_here")}</p>
          </>
        ) : (
          <div class="typed"><span class="muted">{t("connect_password")}</span><p data-test="connect-password-words">{passwordWords(view, replaced)}</p></div>
        )}
      </div>
      {refused && <Notice tone="bad">{codeWords(refused.code, refused.detail)}</Notice>}
      {shown && receipt < 3 && <Notice tone="wait">{t("connect_wait_send")}</Notice>}
      {!connect.password_changeable && shown && <p class="muted">{t("connect_used")}</p>}
      {!needed && changeable && <Button test="connect-new-password" tone="quiet" small onClick={() => void renew()}>{t("connect_another_password")}</Button>}
      <WholeAddress url={connect.url} identity={connect.identity} />
    </Screen>
  );
}

function passwordWords({ connect, adopted }: CommissioningView, replaced: boolean): string {
  const at = connect.password_set_at;
  if (at && at === adopted?.at) return t("connect_adopted");
  if (!at) return t(adopted ? "connect_adopted_none" : "connect_no_password");
  const other = replaced ? `${t("connect_replaced", { when: when(at, now.value, language.value) })} ` : "";
  if (!connect.password_changeable) return other + t("connect_used");
  return other || t("connect_elsewhere", { when: when(at, now.value, language.value) });
}

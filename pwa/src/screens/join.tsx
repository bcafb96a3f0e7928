import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ApiError } from "../api";
import { Button, Field, Loading, Notice, Screen } from "../parts/ui";
import { problemWords } from "../problems";
import { go, replace } from "../router";
import { api, me, refreshHome, signedOut, tally, welcome } from "../state";
import { span } from "../times";
import type { Invite, Me } from "../types";
import { language, n, t } from "../words";

const NEXT = "stationlink-next";

/** A scanned label's address survives the sign-in: after it the person is where they wanted to be. */
export function rememberTarget(hash: string): void {
  try {
    if (/^#\/(scan|lookup|c)\/?/.test(hash)) sessionStorage.setItem(NEXT, hash);
  } catch {
    /* no session storage: the person scans again */
  }
}

function target(): string {
  try {
    const hash = sessionStorage.getItem(NEXT);
    sessionStorage.removeItem(NEXT);
    return hash ?? "#/";
  } catch {
    return "#/";
  }
}

function refusal(error: unknown, byLink: boolean): string {
  if (!(error instanceof ApiError)) return problemWords(error);
  if (error.code === "too_many_tries") return t("join_too_many", { span: span(Number(error.detail["retry_after"] ?? 60) * 1000) });
  if (error.code === "invalid_code" || error.code === "unknown_invite") return t(byLink ? "join_bad_link" : "join_bad_code");
  return problemWords(error);
}

export function Join({ token }: { token: string | null }) {
  const invite = useSignal<Invite | null>(null);
  const link = useSignal(token);
  const checking = useSignal(Boolean(token));
  const code = useSignal("");
  const name = useSignal(me.value?.person.name ?? "");
  const phone = useSignal(me.value?.person.phone ?? "");
  const trouble = useSignal("");
  const busy = useSignal(false);

  const look = async (): Promise<void> => {
    if (!token) return;
    try {
      const found = await api.get<Invite>("/field/invite", { token });
      invite.value = found;
      if (found.known) name.value = found.name ?? "";
      name.value ||= found.name ?? "";
      phone.value ||= found.phone ?? "";
    } catch (error) {
      trouble.value = refusal(error, true);
      if (error instanceof ApiError) link.value = null;
    }
    checking.value = false;
  };
  useEffect(() => void look(), [token]);

  const join = async (): Promise<void> => {
    const digits = code.value.replace(/\D/g, "");
    if (!link.value && digits.length !== 6) return void (trouble.value = t("join_code_missing"));
    if (!name.value.trim()) return void (trouble.value = t("join_name_missing"));
    busy.value = true;
    trouble.value = "";
    try {
      const how = link.value ? { token: link.value } : { code: digits };
      const who = { name: name.value.trim(), phone: phone.value.trim() || null, language: language.value };
      await welcome(await api.post<Me>("/field/join", { ...how, ...who }));
      void navigator.storage?.persist?.();
      void refreshHome().catch(() => undefined);
      replace(target());
    } catch (error) {
      trouble.value = refusal(error, Boolean(link.value));
    }
    busy.value = false;
  };

  if (checking.value) return <Screen title={t("app")} name={t("join_title")}><Loading text={t("join_checking")} /></Screen>;
  const known = link.value && invite.value?.known ? invite.value.name : null;
  const signedIn = me.value && !signedOut.value;
  return (
    <Screen
      title={t("join_title")} name={t("join_title")} subtitle={t("app")}
      foot={<Button test="join-submit" onClick={() => void join()} disabled={busy.value}>{t("join_submit")}</Button>}
    >
      {signedIn && (
        <Notice tone="info" title={t("join_signed_in", { name: me.value?.person.name ?? "" })}>
          <Button test="join-continue" tone="quiet" small onClick={() => go("#/")}>{t("join_continue")}</Button>
        </Notice>
      )}
      {signedOut.value && me.value && (
        <Notice tone="wait" title={tally.value.pending ? n("strip_sign_in", tally.value.pending) : t("strip_signed_out")}>
          <p>{t("join_again")}</p>
        </Notice>
      )}
      {invite.value && <Notice tone="good" title={t("join_invited", { cpos: invite.value.cpos.join(", ") })} test="join-invited" />}
      {trouble.value && <Notice tone="bad" test="join-trouble">{trouble.value}</Notice>}
      {!link.value && !me.value && <p class="muted">{t("join_intro")}</p>}
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void join();
        }}
      >
        {!link.value && (
          <Field
            label={t("join_code")} test="join-code" value={code.value} onInput={(value) => (code.value = value)}
            attributes={{ inputMode: "numeric", autoComplete: "one-time-code", maxLength: 7, class: "input code", placeholder: "000000" }}
          />
        )}
        {known && (
          <div data-test="join-known">
            <p class="question">{t("join_as", { name: known })}</p>
            <p class="muted">{t("join_not_you")}</p>
          </div>
        )}
        {!known && <Field label={t("join_name")} test="join-name" value={name.value} onInput={(value) => (name.value = value)} attributes={{ autoComplete: "name", maxLength: 80 }} />}
        {!known && <Field
          label={t("join_phone")} test="join-phone" value={phone.value} onInput={(value) => (phone.value = value)} hint={t("join_phone_why")}
          attributes={{ type: "tel", autoComplete: "tel", maxLength: 30 }}
        />}
        <button type="submit" class="unseen" tabIndex={-1} aria-hidden="true" />
      </form>
    </Screen>
  );
}

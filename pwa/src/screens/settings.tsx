import { useSignal } from "@preact/signals";
import { n, t } from "../later";
import { Button, Confirm, Screen } from "../parts/ui";
import { go, replace } from "../router";
import { keepSettings, leave, me, settings, tally, type Settings as Kept } from "../state";
import { language, LANGUAGES, type Language } from "../words";

declare const __APP_VERSION__: string;

const THEMES: readonly Kept["theme"][] = ["auto", "light", "dark"];

export function Settings() {
  const leaving = useSignal(false);
  const { person, cpos, server } = me.value ?? {};
  const waits = tally.value.pending + tally.value.refused;
  const out = async (): Promise<void> => {
    leaving.value = false;
    await leave();
    replace("#/join");
  };
  return (
    <Screen title={t("settings_title")} name={t("settings_title")} parent="#/">
      <fieldset class="field">
        <legend>{t("settings_language")}</legend>
        <div class="toggles">
          {(Object.keys(LANGUAGES) as Language[]).map((each) => (
            <Pick key={each} on={language.value === each} test={`settings-language-${each}`} pick={() => void keepSettings({ language: each })}>{LANGUAGES[each]}</Pick>
          ))}
        </div>
      </fieldset>
      <fieldset class="field">
        <legend>{t("settings_theme")}</legend>
        <div class="toggles three">
          {THEMES.map((each) => (
            <Pick key={each} on={settings.value.theme === each} test={`settings-theme-${each}`} pick={() => void keepSettings({ theme: each })}>{t(`settings_theme_${each}`)}</Pick>
          ))}
        </div>
      </fieldset>
      <dl class="facts">
        {person && <><dt>{t("settings_person")}</dt><dd>{person.name}{person.phone && <small>{person.phone}</small>}</dd></>}
        {cpos && <><dt>{t("settings_cpos")}</dt><dd>{cpos.map((cpo) => cpo.name).join(", ")}</dd></>}
      </dl>
      {!isSecureContext && <p class="muted">{t("settings_insecure")}</p>}
      <Button test="settings-outbox" tone="quiet" small onClick={() => go("#/outbox")}>{t("settings_outbox")}</Button>
      <Button test="settings-leave" tone="quiet" small onClick={() => (leaving.value = true)}>{t("settings_leave")}</Button>
      <p class="muted centre" data-test="settings-version">{t("settings_version", { app: __APP_VERSION__, server: server?.version ?? "?" })}{server?.demo && ` · ${t("settings_demo")}`}</p>
      {leaving.value && (
        <Confirm
          title={t("settings_leave_sure")} action={t("settings_leave_do")} test="settings-leave-confirm" onYes={() => void out()} onNo={() => (leaving.value = false)}
          text={<>{waits > 0 && <strong class="warn">{n("settings_leave_waits", waits)} </strong>}{t("settings_leave_text")}</>}
        />
      )}
    </Screen>
  );
}

function Pick({ on, test, pick, children }: { on: boolean; test: string; pick: () => void; children: string }) {
  return (
    <button type="button" role="radio" aria-checked={on} class={on ? "toggle on" : "toggle"} data-test={test} onClick={pick}>
      <span class="box round" aria-hidden="true">{on ? "●" : ""}</span>{children}
    </button>
  );
}

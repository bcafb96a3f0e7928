import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { isDescribed, undescribed } from "../apply";
import { describe, evseOf, formOf, isBlank, lacks, LONGEST, noLimits, RESTRICTIONS, textIn, toggled, type EvseForm, type Lack } from "../evse";
import { outlets } from "../parts/hardware";
import { StationPicture } from "../parts/picture";
import { Button, Empty, Field, Loading, Screen, toTrouble, useFieldId } from "../parts/ui";
import { path, replace } from "../router";
import { cpoOf, db, enqueue } from "../state";
import type { CommissioningView, Evse } from "../types";
import { n, t } from "../words";

const DRAFT_MS = 300;

/** The languages that drivers read here, by their own names. */
const DRIVER_LANGUAGES: Record<string, string> = {
  nl: "Nederlands", en: "English", de: "Deutsch", fr: "Français", pl: "Polski", es: "Español", it: "Italiano", da: "Dansk", sv: "Svenska", no: "Norsk",
};

/** Keeps the form as it is typed: at most 300 ms after the last letter, and at once when the screen goes away. */
function useDraft(key: string, first: () => EvseForm) {
  const form = useSignal<EvseForm | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const dirty = useRef(false);
  const keep = (): void => {
    clearTimeout(timer.current);
    if (dirty.current && form.value) void db.put("drafts", key, form.value);
    dirty.current = false;
  };
  useEffect(() => {
    form.value = null;
    void db.get<EvseForm>("drafts", key).then((draft) => (form.value = draft ?? first()));
    addEventListener("pagehide", keep);
    document.addEventListener("visibilitychange", keep);
    return () => {
      removeEventListener("pagehide", keep);
      document.removeEventListener("visibilitychange", keep);
      keep();
    };
  }, [key]);
  const change = (next: EvseForm): void => {
    form.value = next;
    dirty.current = true;
    clearTimeout(timer.current);
    timer.current = setTimeout(keep, DRAFT_MS);
  };
  const settle = async (): Promise<void> => {
    clearTimeout(timer.current);
    dirty.current = false;
    await db.remove("drafts", key);
  };
  return { form, change, settle };
}

export function Texts({ view, number }: { view: CommissioningView; number: number }) {
  const evse = evseOf(view, number);
  const here = path("c", view.id);
  if (!evse) {
    return (
      <Screen title={t("texts_title")} name={t("texts_title")} parent={here} foot={<Button test="texts-to-hardware" onClick={() => replace(`${here}/hardware`)}>{t("texts_to_hardware")}</Button>}>
        <Empty title={t("texts_no_hardware")} text={t("texts_no_hardware_text")} />
      </Screen>
    );
  }
  return <Form key={number} view={view} evse={evse} number={number} />;
}

function Form({ view, evse, number }: { view: CommissioningView; evse: Evse; number: number }) {
  const language = cpoOf(view.cpo_id)?.language ?? "en";
  const { form, change, settle } = useDraft(`${view.id}:evse:${number}`, () => formOf(evse, view, language));
  const evses = view.station?.evses ?? [];
  const here = path("c", view.id);
  const tried = useSignal(false);
  const said = useSignal("");
  const now = form.value;

  const save = async (): Promise<void> => {
    if (!now) return;
    tried.value = true;
    said.value = "";
    const missing = lacks(now);
    if (isBlank(now, evse)) {
      said.value = t("texts_nothing");
      return toTrouble();
    }
    const bodies = describe(now, view, number);
    for (const body of bodies) await enqueue("describe_evse", view.id, body, { station_id: view.station_id });
    await settle();
    if (missing.length) {
      const list = bodies[0]?.evse_sequence_numbers.join(", ") ?? number;
      said.value = t("texts_still", { list, lacks: missing.map((lack) => t(`texts_needs_${lack}`)).join(", ") });
      return toTrouble();
    }
    const done = new Set(bodies.flatMap((body) => body.evse_sequence_numbers));
    const next = undescribed(view).find((one) => !done.has(one));
    replace(next === undefined ? here : `${here}/texts/${next}`);
  };
  const label = now?.all && evses.length > 1 ? t("texts_save_all") : evses.length > 1 ? t("texts_save_socket", { n: number }) : t("texts_save");
  return (
    <Screen
      title={t("texts_title")} name={t("texts_title")} parent={here}
      subtitle={evses.length > 1 ? t("texts_socket", { n: number, m: evses.length }) : view.station_id}
      foot={
        <>
          {said.value && now && lacks(now).length > 0 && <p class="warn lack" role="alert" data-test="evse-says">{said.value}</p>}
          <Button test="evse-save" disabled={!now} onClick={() => void save()}>{label}</Button>
        </>
      }
    >
      {evses.length > 1 && <Sockets view={view} number={number} />}
      {now ? <Fields tried={tried.value} form={now} evse={evse} evses={evses} change={change} /> : <Loading />}
    </Screen>
  );
}

/** The station with this socket lit, and a way to each of the others. */
function Sockets({ view, number }: { view: CommissioningView; number: number }) {
  const evses = view.station?.evses ?? [];
  return (
    <div class="sockets">
      <StationPicture evses={evses} name={view.station_id} lit={number} size={96} />
      <div class="tabs">
        {evses.map((evse) => {
          const each = evse.evse_sequence_number ?? 0;
          const done = isDescribed(evse, view.none_checked);
          return (
            <button key={each} type="button" class={each === number ? "tab on" : "tab"} aria-current={each === number} data-test={`evse-tab-${each}`} onClick={() => replace(`${path("c", view.id)}/texts/${each}`)}>
              {each}{done && <span role="img" aria-label={t("state_done")}> ✓</span>}
            </button>
          );
        })}
      </div>
    </div>
  );
}

function Fields({ tried, form, evse, evses, change }: { tried: boolean; form: EvseForm; evse: Evse; evses: Evse[]; change: (form: EvseForm) => void }) {
  const left = LONGEST.directions - form.text.length;
  const id = useFieldId();
  const missing = lacks(form);
  const lackWords = (lack: Lack) => missing.includes(lack) && <p class={tried ? "warn lack" : "muted"} data-test={`evse-lack-${lack}`}>{t(`texts_lack_${lack}`)}</p>;
  const languages = form.language in DRIVER_LANGUAGES ? DRIVER_LANGUAGES : { ...DRIVER_LANGUAGES, [form.language]: form.language };
  const speak = (language: string): void => change({ ...form, language, text: form.text || textIn(evse.directions, language) });
  return (
    <>
      <div class="field">
        <div class="labelrow">
          <label for={id}>{t("texts_directions")}</label>
          <select class="input slim" aria-label={t("texts_language")} data-test="evse-language" value={form.language} onChange={(event) => speak(event.currentTarget.value)}>
            {Object.entries(languages).map(([code, name]) => <option key={code} value={code}>{name}</option>)}
          </select>
        </div>
        <textarea
          class="input area" id={id} data-test="evse-directions" lang={form.language} maxLength={LONGEST.directions} placeholder={t("texts_placeholder")}
          aria-invalid={tried && missing.includes("text")} value={form.text} onInput={(event) => change({ ...form, text: event.currentTarget.value })}
        />
        {lackWords("text")}
        {left < 100 && <p class="muted">{n("texts_chars_left", left)}</p>}
      </div>
      <fieldset class="field">
        <legend>{t("texts_parking")}</legend>
        {lackWords("limits")}
        <div class="toggles">
          {RESTRICTIONS.map((each) => (
            <Toggle key={each} test={`evse-restriction-${each}`} on={form.restrictions.includes(each)} onClick={() => change(toggled(form, each))}>{t(`restriction_${each}`)}</Toggle>
          ))}
          <Toggle test="evse-none" on={form.none} onClick={() => change(noLimits(form))}>{t("texts_none")}</Toggle>
        </div>
      </fieldset>
      <div class="row">
        <Field label={t("texts_floor")} test="evse-floor" value={form.floor} onInput={(floor) => change({ ...form, floor })} attributes={{ maxLength: LONGEST.floor }} />
        <Field label={t("texts_reference")} test="evse-reference" value={form.reference} onInput={(reference) => change({ ...form, reference })} attributes={{ maxLength: LONGEST.reference }} />
      </div>
      {evses.length > 1 && <Toggle test="evse-all" on={form.all} onClick={() => change({ ...form, all: !form.all })}>{t("texts_all", { n: outlets(evses).length })}</Toggle>}
      <p class="muted quietly">{t("texts_draft")}</p>
    </>
  );
}

function Toggle({ test, on, onClick, children }: { test: string; on: boolean; onClick: () => void; children: string }) {
  return (
    <button type="button" role="checkbox" aria-checked={on} class={on ? "toggle on" : "toggle"} data-test={test} onClick={onClick}>
      <span class="box" aria-hidden="true">{on ? "✓" : ""}</span>
      {children}
    </button>
  );
}


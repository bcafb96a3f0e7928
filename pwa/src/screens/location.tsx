import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { asItem } from "../apply";
import { locations, remember, remembered, templateOf } from "../catalogue";
import { asCoordinates, locate, matching, rank, samePlace, sureness, type Fix, type GpsTrouble } from "../gps";
import { uuid } from "../ids";
import { PinIcon } from "../parts/icons";
import { Button, Chip, Empty, Field, Loading, Screen, toTrouble, useFieldId } from "../parts/ui";
import { codeWords } from "../problems";
import { go, path, replace } from "../router";
import { cpoOf, enqueue, now, reached } from "../state";
import { when } from "../times";
import type { CommissioningView, LocationItem } from "../types";
import { language, t } from "../words";

const SEARCH_MS = 250;

/** Where the phone is, as it becomes known. */
function useFix() {
  const fix = useSignal<Fix | null>(null);
  const trouble = useSignal<GpsTrouble | null>(null);
  const final = useSignal(false);
  useEffect(() => {
    const found = (next: Fix, last: boolean): void => {
      fix.value = next;
      final.value = last;
    };
    return locate(found, (why) => (trouble.value = why));
  }, []);
  return { fix, trouble, final };
}

export function distanceWords(metres: number): string {
  return metres < 1000 ? t("location_distance_m", { n: Math.round(metres) }) : t("location_distance_km", { n: (metres / 1000).toFixed(metres < 10_000 ? 1 : 0) });
}

async function choose(view: CommissioningView, item: LocationItem): Promise<void> {
  const template = view.station ? null : await templateOf(view.cpo_id, view.template?.template_id);
  const hint = { station_id: view.station_id, location: item, ...(template ? { template } : {}) };
  await enqueue("choose_location", view.id, { location_id: item.id, base: view.location?.id ?? null }, hint);
  replace(path("c", view.id));
}

export function LocationPicker({ view }: { view: CommissioningView }) {
  const { fix, trouble, final } = useFix();
  const text = useSignal("");
  const items = useSignal<LocationItem[] | null>(null);
  const fromMemory = useSignal(false);
  const chosen = useSignal<string | null>(view.location?.id ?? null);
  const field = useFieldId();
  const again = useSignal(0);
  const signal = reached.value !== false;

  useEffect(() => {
    void remembered(view.cpo_id).then((known) => {
      if (!items.value && known.length) items.value = matching(rank(known, fix.value), text.value).slice(0, 20);
    });
  }, []);
  useEffect(() => {
    let stale = false;
    const timer = setTimeout(() => {
      void locations(view.cpo_id, fix.value, text.value).then((found) => {
        if (stale) return;
        items.value = found.remembered ? matching(found.items, text.value).slice(0, 20) : found.items;
        fromMemory.value = found.remembered;
      });
    }, text.value ? SEARCH_MS : 0);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [text.value, fix.value, signal, again.value]);

  const shown = items.value ?? [];
  const selected = shown.find((item) => item.id === chosen.value) ?? null;
  const mayCreate = cpoOf(view.cpo_id)?.may_create_locations ?? false;
  return (
    <Screen
      title={t("location_title")} name={t("location_title")} subtitle={view.station_id} parent={path("c", view.id)}
      foot={<Button test="location-use" disabled={!selected} onClick={() => selected && void choose(view, selected)}>{selected ? t("location_use", { name: selected.name }) : t("location_pick")}</Button>}
    >
      <div class="field">
        <label for={field} class="unseen">{t("location_search")}</label>
        <input class="input" id={field} type="search" data-test="location-search" placeholder={t("location_search")} value={text.value} onInput={(event) => (text.value = event.currentTarget.value)} autoComplete="off" />
      </div>
      <Whereabouts fix={fix.value} trouble={trouble.value} final={final.value} />
      {mayCreate && <Button test="location-new" tone="quiet" small onClick={() => go(`${path("c", view.id)}/location/new`)}>{t("location_new")}</Button>}
      {fromMemory.value && (
        <div class="labelrow">
          <p class="muted">{t("location_cached")}</p>
          <button type="button" class="link" data-test="location-retry" onClick={() => (again.value += 1)}>{t("retry")}</button>
        </div>
      )}
      {!fromMemory.value && <ListAge cpoId={view.cpo_id} />}
      {items.value === null && <Loading />}
      {items.value?.length === 0 && <Empty title={t("location_none")} />}
      {shown.length > 0 && (
        <div class="list" role="radiogroup" aria-label={t("location_title")}>
          {shown.map((item) => <Item key={item.id} item={item} on={chosen.value === item.id} pick={() => (chosen.value = item.id)} />)}
        </div>
      )}
    </Screen>
  );
}

/** On another platform the list is a copy: how old it is, or that it is being read for the first time. */
function ListAge({ cpoId }: { cpoId: string }) {
  const platform = cpoOf(cpoId)?.platform;
  if (!platform || platform.environment === "own") return null;
  const { read_at } = platform;
  const words = read_at ? t("location_list_age", { when: when(read_at, now.value, language.value) }) : t("location_first_reading", { name: platform.name });
  return <p class="muted" data-test="list-age">{words}{platform.problem && ` ${codeWords(platform.problem, {})}`}</p>;
}

function Whereabouts({ fix, trouble, final }: { fix: Fix | null; trouble: GpsTrouble | null; final: boolean }) {
  if (trouble) return <p class="muted where" data-test="location-gps" data-state={trouble}><PinIcon />{t(`location_${trouble}`)}</p>;
  if (!fix) return <p class="muted where" data-test="location-gps" data-state="finding"><PinIcon />{t("location_finding")}</p>;
  const rough = final && sureness(fix.accuracy) === "rough";
  const words = t(rough ? "location_rough" : fix.accuracy < 1 ? "location_exact" : "location_accuracy", { n: Math.round(fix.accuracy) });
  return <p class="muted where" data-test="location-gps" data-state={sureness(fix.accuracy)}><PinIcon />{rough ? words : `${t("location_near")} · ${words}`}</p>;
}

function Item({ item, on, pick }: { item: LocationItem; on: boolean; pick: () => void }) {
  return (
    <button type="button" role="radio" aria-checked={on} class={on ? "item plain on" : "item plain"} data-test="location-item" data-id={item.id} onClick={pick}>
      <div>
        <strong>{item.name}</strong>
        <span>{[item.address, item.city].filter(Boolean).join(", ")}</span>
      </div>
      <div class="side">
        {item.distance_m !== null && <Chip tone={on ? "good" : "plain"}>{on && "✓ "}{distanceWords(item.distance_m)}</Chip>}
        {item.distance_m === null && on && <Chip tone="good">✓</Chip>}
        {!item.publish && <small class="muted">{t("location_unpublished")}</small>}
      </div>
    </button>
  );
}

/** Loosely, by what a person of that country would call one; null when it can be right. */
export function postalTrouble(text: string, country: string): string | null {
  if (!text.trim()) return t("location_missing_postal");
  return country !== "NLD" || /^\d{4}\s*[a-z]{2}$/i.test(text.trim()) ? null : t("location_bad_postal");
}

export function NewLocationForm({ view }: { view: CommissioningView }) {
  const { fix } = useFix();
  const name = useSignal("");
  const address = useSignal("");
  const postal = useSignal("");
  const city = useSignal("");
  const tried = useSignal(false);
  const same = useSignal<LocationItem[]>([]);
  const cpo = cpoOf(view.cpo_id);

  const wrong = {
    name: !name.value.trim() && t("location_missing_name"),
    address: !address.value.trim() && t("location_missing_address"),
    postal: postalTrouble(postal.value, cpo?.country ?? "NLD"),
    city: !city.value.trim() && t("location_missing_city"),
  };
  const said = (key: keyof typeof wrong): string | null => (tried.value && wrong[key]) || null;

  const create = async (): Promise<void> => {
    const at = fix.value ? { coordinates: asCoordinates(fix.value) } : {};
    const location = {
      id: uuid(), cpo_id: view.cpo_id, name: name.value.trim(), address: address.value.trim(), city: city.value.trim(),
      postal_code: postal.value.trim(), country: cpo?.country ?? "NLD", ...at,
    };
    const item = asItem(location);
    await enqueue("create_location", view.id, { location }, { station_id: view.station_id, location: item });
    await remember(view.cpo_id, [item]);
    await choose(view, item);
  };
  const submit = async (): Promise<void> => {
    tried.value = true;
    if (Object.values(wrong).some(Boolean)) return toTrouble();
    const { items } = await locations(view.cpo_id, fix.value, "");
    const near = samePlace([...items, ...(await remembered(view.cpo_id))], fix.value ? asCoordinates(fix.value) : null, address.value, city.value);
    same.value = near.filter((item, i) => near.findIndex((other) => other.id === item.id) === i).slice(0, 5);
    if (!same.value.length) await create();
  };

  if (same.value.length > 0) {
    return (
      <Screen
        title={t("location_same")} name={t("location_same")} subtitle={t("location_same_text")} parent={`${path("c", view.id)}/location`}
        foot={<Button test="location-create-anyway" tone="quiet" onClick={() => void create()}>{t("location_create_anyway")}</Button>}
      >
        <div class="list">{same.value.map((item) => <Item key={item.id} item={item} on={false} pick={() => void choose(view, item)} />)}</div>
      </Screen>
    );
  }
  return (
    <Screen
      title={t("location_new_title")} name={t("location_new_title")} subtitle={cpo?.name} parent={`${path("c", view.id)}/location`}
      foot={<Button test="location-create" onClick={() => void submit()}>{t("location_create")}</Button>}
    >
      <p class="muted">{t("location_new_intro")}</p>
      <Field label={t("location_name")} test="location-name" value={name.value} onInput={(value) => (name.value = value)} trouble={said("name")} attributes={{ maxLength: 255 }} />
      <Field label={t("location_address")} test="location-address" value={address.value} onInput={(value) => (address.value = value)} trouble={said("address")} attributes={{ maxLength: 45, autoComplete: "street-address" }} />
      <div class="row top">
        <Field label={t("location_postal_code")} test="location-postal-code" value={postal.value} onInput={(value) => (postal.value = value)} trouble={said("postal")} attributes={{ maxLength: 10 }} />
        <Field label={t("location_city")} test="location-city" value={city.value} onInput={(value) => (city.value = value)} trouble={said("city")} attributes={{ maxLength: 45 }} />
      </div>
      <p class="muted where"><PinIcon />{fix.value ? t("location_here", { n: Math.max(1, Math.round(fix.value.accuracy)) }) : t("location_nowhere")}</p>
    </Screen>
  );
}

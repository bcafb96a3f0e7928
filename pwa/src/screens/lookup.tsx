import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Unreachable } from "../api";
import { progress } from "../checklist";
import { uuid } from "../ids";
import { outlets } from "../parts/hardware";
import { StationPicture } from "../parts/picture";
import { WorldTag } from "../parts/band";
import { Button, Chip, CopyButton, Id, Loading, Notice, Screen } from "../parts/ui";
import { problemWords, secondsToWait } from "../problems";
import { go, path, replace } from "../router";
import { api, cpoOf, enqueue, keepViews, now, reached, snapshots } from "../state";
import { when } from "../times";
import type { Lookup, ScanSource } from "../types";
import { language, n, t } from "../words";
import { lookupPath } from "./scan";

interface Answered {
  found: Lookup | null;
  trouble: unknown;
}

function asSource(text: string | null): ScanSource {
  return text === "photo" || text === "typed" ? text : "scan";
}

/** Without signal the phone still knows its own stations by id and by label. */
function known(text: string): string | null {
  const folded = text.replace(/[\s-]/g, "").toUpperCase();
  const mine = [...snapshots.value.values()].filter((view) => view.mine && view.state === "open");
  const hit = mine.find((view) => view.station_id === text || view.label?.replace(/-/g, "").toUpperCase() === folded);
  return hit?.id ?? null;
}

export function LookupScreen({ text, source: given }: { text: string; source: string | null }) {
  const source = asSource(given);
  const answer = useSignal<Answered>({ found: null, trouble: null });
  const ask = async (): Promise<void> => {
    answer.value = { found: null, trouble: null };
    try {
      const found = await api.get<Lookup>("/field/lookup", { text, source });
      if (found.commissioning) await keepViews([found.commissioning]);
      answer.value = { found, trouble: null };
    } catch (error) {
      const own = error instanceof Unreachable ? known(text) : null;
      if (own) return replace(path("c", own));
      answer.value = { found: null, trouble: error };
    }
  };
  useEffect(() => void ask(), [text, source]);
  const signal = reached.value !== false;
  useEffect(() => {
    if (signal && answer.value.trouble instanceof Unreachable) void ask();
  }, [signal]);

  const wait = secondsToWait(answer.value.trouble);
  useEffect(() => {
    if (wait === null) return;
    const timer = setTimeout(() => void ask(), wait * 1000);
    return () => clearTimeout(timer);
  }, [answer.value]);

  const { found, trouble } = answer.value;
  if (trouble) return <NoAnswer trouble={trouble} text={text} again={() => void ask()} />;
  if (!found) return <Screen title={t("lookup_title")} name={t("lookup_title")} parent="#/scan"><Loading text={t("lookup_asking")} /></Screen>;
  switch (found.outcome) {
    case "station": return <Known found={found} source={source} />;
    case "new_station": return <New found={found} source={source} />;
    case "choose": return <Choose found={found} source={source} />;
    default: return <Unknown found={found} source={source} />;
  }
}

function NoAnswer({ trouble, text, again }: { trouble: unknown; text: string; again: () => void }) {
  const lost = trouble instanceof Unreachable;
  return (
    <Screen title={t("lookup_title")} name={t("lookup_title")} parent="#/scan" foot={<Button test="lookup-retry" onClick={again}>{t("retry")}</Button>}>
      <Notice tone="wait" test="lookup-trouble" title={lost ? t("lookup_no_signal") : problemWords(trouble)}>{lost && <p>{t("lookup_no_signal_text")}</p>}</Notice>
      <Id text={text} />
    </Screen>
  );
}

async function begin(found: Lookup, source: ScanSource, cpoId: string): Promise<void> {
  const id = uuid();
  const label = found.label ? { label: found.label } : {};
  const socket = found.evse_sequence_number ? { evse_sequence_number: found.evse_sequence_number } : {};
  const station_id = found.station_id ?? found.text;
  await enqueue("begin", id, { station_id, cpo_id: cpoId, source, ...label, ...socket }, { station_id });
  replace(path("c", id));
}

interface Offer {
  action: string;
  tone: "good" | "wait" | "info" | "bad";
  title: string;
  text: string;
  act: () => void;
}

function offer(found: Lookup, source: ScanSource): Offer {
  const work = found.commissioning;
  if (work?.mine && work.state === "open") {
    const text = t("home_progress", progress(work));
    return { action: t("lookup_open"), tone: "good", title: t("lookup_mine"), text, act: () => replace(path("c", work.id)) };
  }
  if (work && work.state === "open") {
    const text = t("lookup_other_text", { when: when(work.begun, now.value, language.value), ...progress(work) });
    const act = async (): Promise<void> => {
      await enqueue("continue", work.id, {}, { station_id: work.station_id });
      replace(path("c", work.id));
    };
    return { action: t("lookup_continue"), tone: "wait", title: t("lookup_other", { name: work.person.name }), text, act: () => void act() };
  }
  const another = { action: t("lookup_another"), act: () => go("#/scan") };
  if (found.station?.deploy_state === "Deprecated") return { ...another, tone: "bad", title: t("lookup_deprecated"), text: t("lookup_production_text") };
  if (found.reason === "in_production" || found.station?.deploy_state === "Production") {
    return { ...another, tone: "bad", title: t("lookup_production"), text: t("lookup_production_text") };
  }
  const cpoId = found.cpo_id ?? found.cpo_ids[0] ?? "";
  return { action: t("lookup_use"), tone: "info", title: t("lookup_stock"), text: t("lookup_stock_text"), act: () => void begin(found, source, cpoId) };
}

function Known({ found, source }: { found: Lookup; source: ScanSource }) {
  const { action, tone, title, text, act } = offer(found, source);
  const { station, last } = found;
  const phone = cpoOf(found.cpo_id)?.support_phone;
  return (
    <Screen title={t("lookup_title")} name={t("lookup_title")} parent="#/scan" cpoId={found.cpo_id ?? found.cpo_ids[0]} foot={<Button test="lookup-use" onClick={act}>{action}</Button>}>
      <StationCard found={found} />
      <Notice tone={tone} title={title} test="lookup-says">
        <p>{text}</p>
        {last?.handed_over && <p>{last.by ? t("lookup_last", { name: last.by.name, when: when(last.handed_over, now.value, language.value) }) : t("lookup_last_unknown", { when: when(last.handed_over, now.value, language.value) })}</p>}
        {tone === "bad" && phone && <a href={`tel:${phone}`}>{t("call_support", { phone })}</a>}
      </Notice>
      {station && (
        <dl class="facts">
          {found.location && <><dt>{t("lookup_where")}</dt><dd>{found.location.name}<small>{found.location.address}, {found.location.city}</small></dd></>}
          {station.charge_point_model && <><dt>{t("lookup_model")}</dt><dd>{[station.charge_point_vendor, station.charge_point_model].filter(Boolean).join(" ")}</dd></>}
          {station.charge_point_serial_number && <><dt>{t("lookup_serial")}</dt><dd class="mono">{station.charge_point_serial_number}</dd></>}
        </dl>
      )}
    </Screen>
  );
}

function StationCard({ found }: { found: Lookup }) {
  const id = found.station_id ?? found.text;
  const evses = found.station?.evses ?? [];
  return (
    <div class="card identity">
      <div>
        <div class="copyline"><Id text={id} test="lookup-id" /><CopyButton text={id} test="lookup-copy" /></div>
        <p class="muted">
          {[cpoOf(found.cpo_id)?.name, found.evse_sequence_number && t("lookup_socket", { n: found.evse_sequence_number })].filter(Boolean).join(" · ")}
        </p>
        {found.label && <p class="muted nowrap">{t("lookup_label", { label: found.label })}</p>}
        {evses.length > 0 && <p class="muted">{n("lookup_socket_count", outlets(evses).length)}</p>}
      </div>
      {evses.length > 0 && <StationPicture evses={evses} name={id} size={92} />}
    </div>
  );
}

function New({ found, source }: { found: Lookup; source: ScanSource }) {
  const choices = found.cpo_id ? [found.cpo_id] : found.cpo_ids;
  const cpo = useSignal(choices.length === 1 ? (choices[0] ?? null) : null);
  const id = found.station_id ?? found.text;
  const chosen = cpoOf(cpo.value);
  const allowed = chosen ? chosen.may_create_stations : found.may_create;
  const phone = chosen?.support_phone;
  return (
    <Screen
      title={t("lookup_title")} name={t("lookup_title")} parent="#/scan" cpoId={cpo.value ?? undefined}
      foot={
        allowed ? (
          <Button test="lookup-use" disabled={!cpo.value} onClick={() => void begin(found, source, cpo.value ?? "")}>{cpo.value ? t("lookup_create", { id }) : t("lookup_choose_cpo")}</Button>
        ) : (
          <Button test="lookup-another" onClick={() => go("#/scan")}>{t("lookup_another")}</Button>
        )
      }
    >
      <StationCard found={found} />
      <Notice tone={allowed ? "wait" : "bad"} title={t("lookup_new")} test="lookup-says">
        <p>{allowed ? t("lookup_new_check") : t("lookup_may_not", { cpo: chosen?.name ?? choices.join(", ") })}</p>
        {!allowed && phone && <a href={`tel:${phone}`}>{t("call_support", { phone })}</a>}
      </Notice>
      {found.nearest.length > 0 && (
        <section class="stack">
          <h2 class="part">{t("lookup_new_nearest")}</h2>
          <Texts texts={found.nearest} test="lookup-nearest" source={source} />
        </section>
      )}
      {choices.length > 1 && (
        <section class="stack">
          <h2 class="part">{t("lookup_choose_cpo")}</h2>
          <div class="list">
            {choices.map((each) => (
              <button key={each} type="button" class={cpo.value === each ? "item plain on" : "item plain"} aria-pressed={cpo.value === each} data-test="lookup-cpo" data-cpo={each} onClick={() => (cpo.value = each)}>
                <strong>{cpoOf(each)?.name ?? each}</strong>
                <div class="side">{cpo.value === each && <Chip tone="good">✓</Chip>}<WorldTag cpoId={each} /></div>
              </button>
            ))}
          </div>
        </section>
      )}
    </Screen>
  );
}

function Texts({ texts, test, source }: { texts: string[]; test: string; source: ScanSource }) {
  return (
    <div class="list">
      {texts.map((text) => (
        <button key={text} type="button" class="item plain" data-test={test} onClick={() => replace(lookupPath(text, source))}>
          <span class="mono strong">{text}</span>
        </button>
      ))}
    </div>
  );
}

function Choose({ found, source }: { found: Lookup; source: ScanSource }) {
  return (
    <Screen title={t("lookup_title")} name={t("lookup_title")} parent="#/scan" foot={<Button test="lookup-type" tone="quiet" onClick={() => go("#/type")}>{t("lookup_type")}</Button>}>
      <h2 class="part">{t("lookup_candidates")}</h2>
      <Texts texts={found.candidates} test="lookup-candidate" source={source} />
    </Screen>
  );
}

function saying(found: Lookup): { title: string; text: string } {
  if (found.outcome === "unreadable") {
    return found.text.trim() ? { title: t("lookup_bad_check"), text: t("lookup_bad_check_text", { text: found.text }) } : { title: t("lookup_empty"), text: "" };
  }
  if (found.reason === "label_unknown") return { title: t("lookup_unknown_label"), text: t("lookup_unknown_label_text") };
  return { title: t("lookup_foreign"), text: t("lookup_foreign_text", { text: found.text }) };
}

function Unknown({ found, source }: { found: Lookup; source: ScanSource }) {
  const { title, text } = saying(found);
  return (
    <Screen
      title={t("lookup_title")} name={t("lookup_title")} parent="#/scan"
      foot={
        <>
          <Button test="lookup-type" onClick={() => go("#/type")}>{t("lookup_type")}</Button>
          <Button test="scan-again" tone="quiet" onClick={() => go("#/scan")}>{t("scan_again")}</Button>
        </>
      }
    >
      <Notice tone="bad" title={title} test="lookup-says"><p class="breakable">{text}</p></Notice>
      {found.candidates.length > 0 && (
        <section class="stack">
          <h2 class="part">{t("lookup_candidates")}</h2>
          <Texts texts={found.candidates} test="lookup-candidate" source={source} />
        </section>
      )}
      {found.nearest.length > 0 && (
        <section class="stack">
          <h2 class="part">{t("lookup_new_nearest")}</h2>
          <Texts texts={found.nearest} test="lookup-nearest" source={source} />
        </section>
      )}
    </Screen>
  );
}

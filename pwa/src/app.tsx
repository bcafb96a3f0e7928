import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { stockUp } from "./catalogue";
import { Quietly, Rarely } from "./parts/lazy";
import { Button, Empty, Loading, Notice, Screen } from "./parts/ui";
import { codeWords } from "./problems";
import { go, path, replace, route } from "./router";
import { Hardware } from "./screens/hardware";
import { Home } from "./screens/home";
import { Join, rememberTarget } from "./screens/join";
import { LocationPicker, NewLocationForm } from "./screens/location";
import { LookupScreen } from "./screens/lookup";
import { Scan, scannedPath, Typed } from "./screens/scan";
import { Station, StationGone } from "./screens/station";
import { Texts } from "./screens/texts";
import { broken, loaded, me, queue, reached, refreshView, snapshots, syncStatus, viewOf } from "./state";
import type { CommissioningView, Queued } from "./types";
import { updateWaits, useUpdate } from "./update";
import { t } from "./words";

export function App() {
  if (broken.value !== null) return <Notice tone="bad" test="broken">{t("storage_broken")}</Notice>;
  if (!loaded.value) return <Loading />;
  return (
    <>
      {updateWaits.value && atRest() && <UpdateBanner />}
      <Here />
      {asked() && <Quietly show={({ Consent }) => <Consent />} />}
    </>
  );
}

/** Nothing is being filmed, typed or sent: a reload would cost nothing. */
function atRest(): boolean {
  return ["", "settings"].includes(route.value.parts[0] ?? "") && syncStatus.value.phase === "idle";
}

/** Somebody else wanted something of a station in this person's hands, just now or lately. */
function asked(): boolean {
  return me.value !== null && [...snapshots.value.values()].some((view) => view.mine && (view.requests?.length ?? 0) > 0);
}

/** A new version takes over when the person says so, never under their hands. */
function UpdateBanner() {
  return (
    <div class="banner" role="status" data-test="update-banner">
      <span>{t("new_version")}</span>
      <button type="button" class="link" data-test="update-use" onClick={useUpdate}>{t("new_version_use")}</button>
    </div>
  );
}

function Here() {
  const { parts, query } = route.value;
  const [first = "", second = ""] = parts;
  if (first === "join") return <Join token={second || null} key={second} />;
  if (!me.value) return <SendToJoin />;
  switch (first) {
    case "": return <Home />;
    case "scan": return second ? <Redirect to={scannedPath(second)} /> : <Scan />;
    case "type": return <Typed />;
    case "lookup": return <LookupScreen text={query.get("text") ?? ""} source={query.get("source")} />;
    case "c": return <Work id={second} rest={parts.slice(2)} />;
    case "outbox": return <Rarely show={({ Outbox }) => <Outbox />} />;
    case "settings": return <Rarely show={({ Settings }) => <Settings />} />;
    default: return <Nowhere />;
  }
}

function SendToJoin() {
  useEffect(() => {
    rememberTarget(location.hash);
    replace("#/join");
  }, []);
  return null;
}

function Redirect({ to }: { to: string }) {
  useEffect(() => replace(to), [to]);
  return null;
}

const missing = signal<ReadonlySet<string>>(new Set());

/** One commissioning: from this phone if it is here, else asked for once. */
function Work({ id, rest }: { id: string; rest: string[] }) {
  const view = viewOf(id);
  useEffect(() => {
    void refreshView(id).catch(() => {
      if (!viewOf(id)) missing.value = new Set([...missing.value, id]);
    });
  }, [id]);
  const cpo = view?.mine && view.state === "open" && reached.value ? view.cpo_id : null;
  useEffect(() => {
    if (cpo) void stockUp(cpo);
  }, [cpo]);
  if (view) return <WorkScreen view={view} rest={rest} key={rest.join("/")} />;
  const refused = queue.value.find((item) => item.op.kind === "begin" && item.op.commissioning_id === id && item.state === "refused");
  if (refused) return <BeginRefused item={refused} />;
  return missing.value.has(id) ? <StationGone /> : <Screen title={t("app")} name={t("app")} parent="#/"><Loading /></Screen>;
}

/** Begun here, and the server said no: why, and where it can be asked again or taken back. */
function BeginRefused({ item }: { item: Queued }) {
  const name = item.hint.station_id ?? t("app");
  return (
    <Screen title={name} name={name} parent="#/" foot={<Button test="begin-to-scan" onClick={() => go("#/scan")}>{t("lookup_another")}</Button>}>
      <Notice tone="bad" test="begin-refused">{codeWords(item.result?.code ?? null, item.result?.detail ?? {})}</Notice>
      <Button test="begin-to-outbox" tone="quiet" small onClick={() => go("#/outbox")}>{t("settings_outbox")}</Button>
    </Screen>
  );
}

/** The screens that change nothing. */
const LOOKING = new Set(["", "connect", "online"]);

function WorkScreen({ view, rest }: { view: CommissioningView; rest: string[] }) {
  const [screen = "", item = ""] = rest;
  if (view.state === "handed_over") return <Rarely show={({ HandOver }) => <HandOver view={view} />} />;
  const mayChange = view.mine && view.state === "open";
  if (!mayChange && !LOOKING.has(screen)) return <Station view={view} />;
  switch (screen) {
    case "": return <Station view={view} />;
    case "connect": return <Rarely show={({ Connect }) => <Connect view={view} />} />;
    case "location": return item === "new" ? <NewLocationForm view={view} /> : <LocationPicker view={view} />;
    case "hardware": return <Hardware view={view} />;
    case "texts": return <Texts view={view} number={Number(item) || 1} />;
    case "online": return <Rarely show={({ Online }) => <Online view={view} />} />;
    case "tests": return <Rarely show={({ Tests }) => <Tests view={view} rest={rest.slice(1)} />} />;
    case "handover": return <Rarely show={({ HandOver }) => <HandOver view={view} />} />;
    case "serial": return <Rarely show={({ Serial }) => <Serial view={view} />} />;
    case "park": return <Rarely show={({ Park }) => <Park view={view} />} />;
    default: return <CheckScreen view={view} screen={screen} item={item} />;
  }
}

function CheckScreen({ view, screen, item }: { view: CommissioningView; screen: string; item: string }) {
  const check = view.checks.find((one) => one.key === item);
  if (!check) return <Redirect to={path("c", view.id)} />;
  return <Rarely show={({ Waive, Policy }) => (screen === "waive" ? <Waive view={view} check={check} /> : <Policy view={view} check={check} />)} />;
}

function Nowhere() {
  return (
    <Screen title={t("app")} name={t("app")} foot={<Button test="go-home" onClick={() => go("#/")}>{t("go_home")}</Button>}>
      <Empty title={t("not_found")} />
    </Screen>
  );
}

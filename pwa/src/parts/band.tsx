import { useEffect } from "preact/hooks";
import { route } from "../router";
import { cpoOf, me, viewOf } from "../state";
import type { CpoInfo } from "../types";
import { t } from "../words";
import { environmentWords, worldOf, worldsOf, worldWords } from "../world";
import { Chip } from "./ui";

/** The CPO of the station at hand, where a screen is about one. */
function cpoHere(cpoId: string | undefined): CpoInfo | null {
  if (cpoId) return cpoOf(cpoId);
  const [first, id] = route.value.parts;
  return first === "c" && id ? cpoOf(viewOf(id)?.cpo_id ?? null) : null;
}

/** The phone's own bar above the page: light and dark, as index.html names them, and in a test environment. */
const BAR = { usual: ["#ffffff", "#141e1b"], test: ["#f1e2fa", "#2b1440"] };

function paintBar(colours: string[]): void {
  document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]').forEach((meta, i) => (meta.content = colours[i] ?? meta.content));
}

/** On every screen: which platform and environment it speaks to, so that nobody installs into the wrong world. */
export function Band({ cpoId }: { cpoId?: string | undefined }) {
  const here = cpoHere(cpoId);
  const worlds = worldsOf(here ? [here] : (me.value?.cpos ?? []));
  const [only] = worlds;
  const loud = worlds.length === 1 && only?.environment === "acceptance";
  useEffect(() => paintBar(loud ? BAR.test : BAR.usual), [loud]);
  if (!only) return null;
  if (loud) {
    return (
      <p class="world acceptance" data-test="world" data-environment="acceptance">
        <b>{t("acceptance_loud")}</b> <span>{t("acceptance_band", { name: only.name })}</span>
      </p>
    );
  }
  const mixed = worlds.some((world) => world.environment === "acceptance");
  return (
    <p class={mixed ? "world mixed" : "world"} data-test="world" data-environment={worlds.length === 1 ? only.environment : "mixed"}>
      {worlds.map(worldWords).join(" + ")}
    </p>
  );
}

/** Beside a station in a list that has several worlds in it. */
export function WorldTag({ cpoId }: { cpoId: string }) {
  const cpo = cpoOf(cpoId);
  if (!cpo || worldsOf(me.value?.cpos ?? []).length < 2) return null;
  const { environment, name } = worldOf(cpo);
  const words = environment === "acceptance" ? environmentWords(environment) : name;
  return <Chip tone={environment === "acceptance" ? "acceptance" : "plain"} test="world-tag">{words}</Chip>;
}

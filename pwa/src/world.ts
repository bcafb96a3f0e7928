import type { CpoInfo, Environment } from "./types";
import { t, word } from "./words";

/** Which platform a CPO's stations live on, in words: "GreenFlux", and which of its environments. */
export interface World {
  environment: Environment;
  name: string;
  host: string | null;
}

/** What an older server did not say is guessed from the environment, which it always told. */
export function worldOf(cpo: CpoInfo): World {
  const { environment, name, host } = cpo.platform ?? { environment: cpo.environment, name: "", host: null };
  return { environment, name: name || (environment === "own" ? t("app") : t("world_platform")), host };
}

export function platformName(cpo: CpoInfo | null): string {
  return cpo ? worldOf(cpo).name : t("world_platform");
}

/** The worlds of these CPOs, each once. */
export function worldsOf(cpos: CpoInfo[]): World[] {
  const worlds = new Map(cpos.map(worldOf).map((world) => [`${world.environment} ${world.name}`, world]));
  return [...worlds.values()];
}

export function environmentWords(environment: Environment): string {
  return word("world", environment, "world_other");
}

/** "GreenFlux · production"; our own has one environment only, and another's address says it all. */
export function worldWords({ environment, name }: World): string {
  if (environment === "own" || environment === "other") return name;
  return `${name} · ${environmentWords(environment)}`;
}

import { t } from "./later";
import type { CpoInfo } from "./types";
import { platformName } from "./world";

/** Which card to hold before the reader: our own stations let any card charge while a test runs, a platform its own. */
export function cardWords(cpo: CpoInfo | null): string {
  return cpo?.environment === "own" ? t("tests_charge_any") : t("tests_charge_theirs", { platform: platformName(cpo) });
}

import { path } from "../../router";
import type { CommissioningView, TrialKind } from "../../types";

/** The address of one test: "tests/reach", "tests/which/2". */
export function pathOfTest(view: CommissioningView, kind: TrialKind, evse: number | null): string {
  return `${path("c", view.id)}/tests/${kind}${evse === null ? "" : `/${evse}`}`;
}

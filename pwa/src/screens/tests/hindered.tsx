import { runningTrial } from "../../checklist";
import { t } from "../../later";
import { isPending } from "../../outbox";
import { Button, Notice } from "../../parts/ui";
import { go, path } from "../../router";
import { queue, reached } from "../../state";
import { hindrance, nameOf, type Hindrance, type How } from "../../trials";
import type { CommissioningView, TrialKind } from "../../types";
import { pathOfTest } from "./where";

/** Tests go to the station now or not at all: they never pass through the outbox. */
export function hindranceNow(view: CommissioningView, kind: TrialKind | null, how: How | null): Hindrance | null {
  const unsent = queue.value.some((item) => isPending(item) && item.op.kind === "begin" && item.op.commissioning_id === view.id);
  return hindrance(view, kind, how, { signal: reached.value !== false, unsent });
}

/** Why nothing is offered now, and what would change that. */
export function Hindered({ view, why }: { view: CommissioningView; why: Hindrance | null }) {
  if (!why) return null;
  const running = runningTrial(view);
  const online = (): void => go(`${path("c", view.id)}/online`);
  return (
    <Notice tone="wait" test={`tests-${why}`}>
      {t(`tests_${why}`)}
      {why === "offline" && <Button test="tests-to-online" tone="quiet" small onClick={online}>{t("online_title")}</Button>}
      {why === "running" && running && <Button test="tests-to-running" tone="quiet" small onClick={() => go(pathOfTest(view, running.kind === "trigger" ? "reach" : running.kind, running.evse ?? null))}>{nameOf(running.kind, running.evse)}</Button>}
    </Notice>
  );
}

import { t } from "../../later";
import { isPending } from "../../outbox";
import { Button, Notice } from "../../parts/ui";
import { go, path } from "../../router";
import { queue, reached } from "../../state";
import { hindrance, type Hindrance, type How } from "../../trials";
import type { CommissioningView, TrialKind } from "../../types";

/** Tests go to the station now or not at all: they never pass through the outbox. */
export function hindranceNow(view: CommissioningView, kind: TrialKind | null, how: How | null): Hindrance | null {
  const unsent = queue.value.some((item) => isPending(item) && item.op.kind === "begin" && item.op.commissioning_id === view.id);
  return hindrance(view, kind, how, { signal: reached.value !== false, unsent });
}

/** Why nothing is offered now, and what would change that. */
export function Hindered({ view, why }: { view: CommissioningView; why: Hindrance | null }) {
  if (!why) return null;
  const online = (): void => go(`${path("c", view.id)}/online`);
  return (
    <Notice tone="wait" test={`tests-${why}`}>
      {t(`tests_${why}`)}
      {why === "offline" && <Button test="tests-to-online" tone="quiet" small onClick={online}>{t("online_title")}</Button>}
    </Notice>
  );
}

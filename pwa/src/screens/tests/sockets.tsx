import { t } from "../../later";
import { StationPicture } from "../../parts/picture";
import { socketRows } from "../../sockets";
import type { CommissioningView } from "../../types";
import { language } from "../../words";

interface SocketsProps {
  view: CommissioningView;
  /** The one that the test is about. */
  meant: number | null;
  /** The one that reacted. */
  lit?: number | null;
  onPick?: (evse: number) => void;
}

/** The station from the front and its sockets beside their words, live: what somebody plugs into lights up. */
export function Sockets({ view, meant, lit = null, onPick }: SocketsProps) {
  const rows = socketRows(view, language.value);
  if (!rows.length) return null;
  const shining = lit ?? rows.find((row) => row.plugged)?.evse ?? null;
  return (
    <div class="sockets live" data-test="trial-sockets">
      <StationPicture evses={view.station?.evses ?? []} name={view.template?.name ?? view.station_id} size={104} {...(shining === null ? {} : { lit: shining })} />
      <ol class="rows">
        {rows.map((row) => {
          const is = `${row.evse === shining ? "lit" : ""} ${row.evse === meant && !onPick ? "meant" : ""}`;
          const text = (
            <>
              <strong>{t("lookup_socket", { n: row.evse })}{row.evse === meant && !onPick && <small> {t("sockets_meant")}</small>}</strong>
              {row.words && <span>{row.words}</span>}
              {row.status && <span class="says">{row.evse === shining ? "● " : ""}{row.status}</span>}
            </>
          );
          return (
            <li key={row.evse} class={is} data-test={`socket-${row.evse}`} data-lit={row.evse === shining}>
              {onPick ? <button type="button" class="pick" data-test={`seen-${row.evse}`} onClick={() => onPick(row.evse)}>{text}</button> : text}
            </li>
          );
        })}
      </ol>
    </div>
  );
}

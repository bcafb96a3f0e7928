import { isUp } from "./ladder";
import { word } from "./later";
import { outlets } from "./parts/hardware";
import { CHARGES, PLUGGED } from "./trials";
import type { CommissioningView, Evse, LiveView } from "./types";

/** A socket as the person before it sees it: its number, its words, and what it says now. */
export interface SocketRow {
  evse: number;
  words: string;
  status: string | null;
  plugged: boolean;
}

const TAKEN: ReadonlySet<string> = new Set([...CHARGES, ...PLUGGED, "Preparing"]);

export function socketRows(view: CommissioningView, language: string): SocketRow[] {
  return (view.station?.evses ?? []).map((evse, i) => {
    const number = evse.evse_sequence_number ?? i + 1;
    const says = view.live.connectors.find((connector) => connectorIs(connector, evse, view.live));
    const status = says && isUp(view) ? word("ocpp", says.status, "ocpp_other") : theirStatus(evse);
    return { evse: number, words: placeWords(evse, language), status, plugged: says ? TAKEN.has(says.status) : evse.status === "CHARGING" };
  });
}

/** OCPP 1.6 numbers connectors across the station, 2.0.1 tells "EVSE.connector". */
function connectorIs(connector: LiveView["connectors"][number], evse: Evse, live: LiveView): boolean {
  const [first] = connector.id.split(".");
  if (live.protocol_version === "Ocpp201") return Number(first) === evse.evse_sequence_number;
  return (evse.connectors ?? []).some((one) => String(one.id) === connector.id);
}

function theirStatus(evse: Evse): string | null {
  return evse.status && evse.status !== "UNKNOWN" ? word("evse", evse.status, "evse_UNKNOWN") : null;
}

/** What drivers read of it, short enough to tell one from the other; else what kind of socket it is. */
export function placeWords(evse: Evse, language: string): string {
  const texts = evse.directions ?? [];
  const text = (texts.find((one) => one.language === language) ?? texts[0])?.text ?? "";
  const kinds = outlets([evse]).map((outlet) => outlet.name).join(", ");
  return [evse.physical_reference, text || kinds].filter(Boolean).join(" · ");
}

/** The words of one socket, for a sentence. */
export function placeOf(view: CommissioningView, evse: number | null | undefined, language: string): string {
  return socketRows(view, language).find((row) => row.evse === evse)?.words ?? "";
}

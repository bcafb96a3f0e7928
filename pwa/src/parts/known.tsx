import { isRemote, isUp } from "../ladder";
import { t, word, type LateKey } from "../later";
import { now } from "../state";
import { span, when } from "../times";
import type { CommissioningView, LiveView } from "../types";
import { language } from "../words";

type Connector = LiveView["connectors"][number];

const PROTOCOLS: Record<string, string> = { Ocpp16: "OCPP 1.6", Ocpp201: "OCPP 2.0.1" };
const CLOCK_NOTED_SECONDS = 60;
const moment = (at: string): string => when(at, now.value, language.value);

/** What the station says of itself and of its sockets, each with its age; away, no socket is anything but unknown. */
export function Known({ view }: { view: CommissioningView }) {
  const { live } = view;
  const sockets = live.connectors.filter((connector) => connector.id !== "0");
  const lines = linesOf(view);
  if (!lines.length && !sockets.length) return null;
  return (
    <section class="stack" data-test="known">
      <h2 class="part">{t("online_known")}</h2>
      <dl class="facts">
        {lines.map(({ key, value, mono }) => <><dt key={key}>{t(key)}</dt><dd class={mono ? "mono" : ""} data-test={`known-${key}`}>{value}</dd></>)}
        {sockets.map((connector) => <><dt key={connector.id}>{t("lookup_socket", { n: connector.id })}</dt><dd data-test={`known-socket-${connector.id}`}><Socket connector={connector} view={view} /></dd></>)}
      </dl>
    </section>
  );
}

function Socket({ connector, view }: { connector: Connector; view: CommissioningView }) {
  const status = word("ocpp", connector.status, "ocpp_other");
  const trouble = connector.error_code !== "NoError" && <small>{connector.error_code}{connector.info && `: ${connector.info}`}</small>;
  if (isUp(view)) return <>{status}{trouble}<small>{t("online_socket_heard", { when: moment(connector.at) })}</small></>;
  const gone = view.live.offline_since ?? connector.at;
  return <>{t("online_socket_unknown", { when: moment(gone) })}<small>{t("online_socket_last", { status, when: moment(connector.at) })}</small>{trouble}</>;
}

interface Line {
  key: LateKey;
  value: string;
  mono?: boolean;
}

function linesOf(view: CommissioningView): Line[] {
  return [...said(view.live), ...heard(view)].filter((line): line is Line => Boolean(line.value));
}

type Maybe = Omit<Line, "value"> & { value: string | null | undefined };

function said({ boot, protocol_version }: LiveView): Maybe[] {
  return [
    { key: "lookup_model", value: [boot?.charge_point_vendor, boot?.charge_point_model].filter(Boolean).join(" ") },
    { key: "lookup_serial", value: boot?.charge_point_serial_number ?? boot?.charge_box_serial_number, mono: true },
    { key: "online_firmware", value: boot?.firmware_version },
    { key: "online_protocol", value: protocol_version && (PROTOCOLS[protocol_version] ?? protocol_version) },
  ];
}

/** On another platform only the last sight of it is known, which the screen tells in words of its own. */
function heard(view: CommissioningView): Maybe[] {
  const { live } = view;
  const at = (time: string | null | undefined): string | null => (time ? moment(time) : null);
  const address: Maybe = { key: "online_address", value: live.client_ip_address, mono: true };
  if (isRemote(view)) return [address];
  return [
    address,
    { key: "online_booted", value: at(live.booted) },
    { key: "online_seen", value: at(live.seen) },
    { key: "online_ear", value: at(live.ear) ?? (isUp(view) ? t("online_ear_never") : null) },
    { key: "online_deaf_since", value: at(live.deaf_since) },
    { key: "online_clock", value: clockWords(live.skew_seconds) },
  ];
}

function clockWords(seconds: number | null | undefined): string | null {
  if (!seconds || Math.abs(seconds) < CLOCK_NOTED_SECONDS) return null;
  return t(seconds > 0 ? "online_clock_ahead" : "online_clock_behind", { span: span(Math.abs(seconds) * 1000) });
}

import type { Evse, EvseTemplate } from "../types";

/** One thing a driver plugs into or pulls out, with the number printed beside it. */
export interface Outlet {
  number: string;
  evse: number;
  cable: boolean;
  shape: "type2" | "ccs" | "chademo" | "other";
  name: string;
  kilowatts: number | null;
}

const SHAPES: [RegExp, Outlet["shape"], string][] = [
  [/T2_COMBO|62196_T1_COMBO/, "ccs", "CCS2"],
  [/CHADEMO/, "chademo", "CHAdeMO"],
  [/62196_T2/, "type2", "Type 2"],
  [/62196_T1/, "type2", "Type 1"],
  [/DOMESTIC_F/, "other", "Schuko"],
];

interface ConnectorLike {
  id: number | string | null;
  standard: string | null;
  format: string | null;
  power_type: string | null;
  voltage: number | null;
  amperage: number | null;
  max_electric_power: number | null;
}

const PHASES: Record<string, number> = { AC_1_PHASE: 1, AC_3_PHASE: 3, DC: 1 };

/** As the maker says, or else volts x amperes x phases; tenths matter below 10 kW only. */
function kilowatts(connector: ConnectorLike): number | null {
  const phases = PHASES[connector.power_type ?? ""];
  const watts = connector.max_electric_power ?? (phases && connector.voltage && connector.amperage ? phases * connector.voltage * connector.amperage : null);
  if (!watts) return null;
  return watts < 9_950 ? Math.round(watts / 100) / 10 : Math.round(watts / 1000);
}

function outlet(connector: ConnectorLike, evse: number, alone: boolean): Outlet {
  const [, shape, name] = SHAPES.find(([pattern]) => pattern.test(connector.standard ?? "")) ?? [null, "other" as const, connector.standard ?? "?"];
  const number = alone ? String(evse) : String(connector.id ?? evse);
  return { number, evse, cable: connector.format === "CABLE", shape, name, kilowatts: kilowatts(connector) };
}

/** Outlets from left to right: by EVSE, then as numbered across the station. */
export function outlets(evses: readonly EvseTemplate[] | readonly Evse[]): Outlet[] {
  const sorted = [...evses].sort((a, b) => (a.evse_sequence_number ?? 0) - (b.evse_sequence_number ?? 0));
  return sorted.flatMap((evse, i) => {
    const connectors: readonly ConnectorLike[] = ("connector_templates" in evse ? evse.connector_templates : evse.connectors) ?? [];
    return connectors.map((connector) => outlet(connector, evse.evse_sequence_number ?? i + 1, connectors.length === 1));
  });
}

/** "2 x Type 2 · 22 kW" for each kind of outlet, in the order they are met. */
export function summary(all: Outlet[]): { name: string; count: number; cable: boolean; kilowatts: number | null }[] {
  const lines: { name: string; count: number; cable: boolean; kilowatts: number | null }[] = [];
  for (const { name, cable, kilowatts: kw } of all) {
    const same = lines.find((line) => line.name === name && line.cable === cable && line.kilowatts === kw);
    if (same) same.count += 1;
    else lines.push({ name, count: 1, cable, kilowatts: kw });
  }
  return lines;
}

export function hasCardReader(evses: readonly EvseTemplate[] | readonly Evse[]): boolean {
  return evses.some((evse) => evse.capabilities?.includes("RFID_READER"));
}

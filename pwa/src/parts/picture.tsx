import type { Evse, EvseTemplate } from "../types";
import { hasCardReader, outlets, type Outlet } from "./hardware";
import { t } from "../words";

const PITCH = 30;
const MARGIN = 12;

/** Face of each plug or socket, drawn around 0, 0 within a radius of 12. */
function Face({ shape }: { shape: Outlet["shape"] }) {
  if (shape === "ccs") {
    return (
      <g class="pins">
        <circle class="ring" cx="0" cy="-3" r="9" />
        <rect class="ring" x="-8" y="5" width="16" height="8" rx="4" />
        {[[-3, -5], [3, -5], [0, -1], [-3.5, 9], [3.5, 9]].map(([x, y]) => <circle key={`${x}${y}`} cx={x} cy={y} r="1.6" />)}
      </g>
    );
  }
  const pins = shape === "chademo" ? [[-4, -4], [4, -4], [-4, 4], [4, 4]] : [[-4, -4], [4, -4], [-6, 1], [6, 1], [0, 1], [-3, 6], [3, 6]];
  return (
    <g class="pins">
      <circle class="ring" r="11" />
      {shape !== "other" && pins.map(([x, y]) => <circle key={`${x}${y}`} cx={x} cy={y} r="1.7" />)}
      {shape === "other" && [-4, 4].map((x) => <circle key={x} cx={x} r="2" />)}
    </g>
  );
}

/** The outer cables hang from the sides of the cabinet and come back to their plugs from below; inner ones hang in a loop. */
function Cable({ x, left, right, side }: { x: number; left: number; right: number; side: -1 | 0 | 1 }) {
  if (side === 0) return <path class="cable" d={`M${x - 6} 95v4a6 6 0 0 0 12 0v-4`} />;
  const edge = side < 0 ? left : right;
  return <path class="cable" d={`M${edge} 38C${edge + side * 17} 40 ${edge + side * 15} 108 ${x + side * 9} 107Q${x} 106 ${x} 95`} />;
}

function OutletPicture({ outlet, x, left, right, side, lit }: { outlet: Outlet; x: number; left: number; right: number; side: -1 | 0 | 1; lit: boolean }) {
  return (
    <g class={lit ? "outlet lit" : "outlet"}>
      {outlet.cable && <Cable x={x} left={left} right={right} side={side} />}
      <g transform={`translate(${x} 58)`}>
        <Face shape={outlet.shape} />
      </g>
      <text x={x} y="84" text-anchor="middle">{outlet.number}</text>
    </g>
  );
}

function sideOf(i: number, count: number): -1 | 0 | 1 {
  if (i === count - 1) return 1;
  return i === 0 ? -1 : 0;
}

/** The station from the front, drawn from its template: outlets from left to right with their printed numbers. */
export function StationPicture({ evses, name, lit, size = 112 }: { evses: readonly EvseTemplate[] | readonly Evse[]; name: string; lit?: number; size?: number }) {
  const all = outlets(evses);
  const cables = all.some((one) => one.cable);
  const dc = all.some((one) => one.shape === "ccs" || one.shape === "chademo");
  const body = Math.max(48, all.length * PITCH + 8);
  const left = MARGIN + (cables ? 6 : 0);
  const right = left + body;
  const width = right + left;
  const first = left + body / 2 - ((all.length - 1) * PITCH) / 2;
  const parts = all.map((one) => `${one.number} ${one.name}`).join(", ");
  return (
    <svg class="station" viewBox={`0 0 ${width} 112`} height={size} width={Math.min((width * size) / 112, size * 2)} role="img" aria-label={t("hardware_picture", { name, parts })}>
      <path class="foot-post" d={`M${(left + right) / 2 - 6} 92h12v18h-12z`} />
      <rect class="cabinet" x={left} y="4" width={body} height="90" rx="10" />
      <rect class="display" x={left + 10} y="13" width={body - 20} height={dc ? 22 : 16} rx="3" />
      {dc && <path class="bolt" d={`M${(left + right) / 2 + 1} 15l-6 10h5l-2 8 8-11h-5l3-7z`} />}
      {!dc && hasCardReader(evses) && <path class="waves" d={`M${(left + right) / 2 - 5} 18a5 5 0 0 1 0 6M${(left + right) / 2 - 1} 16a9 9 0 0 1 0 10`} />}
      {all.map((one, i) => (
        <OutletPicture key={i} outlet={one} x={first + i * PITCH} left={left} right={right} side={sideOf(i, all.length)} lit={lit === one.evse} />
      ))}
    </svg>
  );
}

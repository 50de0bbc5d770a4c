// The map of ports: a cell a port, in the order of their numbers.
import { useLayoutEffect, useRef } from "preact/hooks";
import { useSize } from "./hooks";
import { type Palette, palette } from "./palette";
import { count, counted, stateName } from "./words";

/** What a port can be doing; a cell holds the place of its state in this list. */
export const STATES = ["free", "connecting", "busy", "idle", "close_wait", "time_wait"] as const;

interface Layout {
  /** Of a cell, in pixels of the screen. */
  wide: number;
  high: number;
  columns: number;
  /** How many cells share a painted one, where there are more than pixels. */
  shared: number;
}

/**
 * How the cells lie: whole numbers of the screen's pixels each, so nothing shimmers. They may be
 * higher than wide, to fill the room there is.
 */
function layOut(number: number, width: number, height: number): Layout {
  for (let wide = 24; wide >= 1; wide -= 1) {
    const columns = Math.floor(width / wide);
    const rows = Math.ceil(number / Math.max(1, columns));
    if (columns > 0 && rows * wide <= height) {
      const high = Math.min(3 * wide, Math.floor(height / rows));
      return { wide, high, columns, shared: 1 };
    }
  }
  const shared = Math.ceil(number / Math.max(1, width * height));
  return { wide: 1, high: 1, columns: width, shared };
}

/** What a canvas shows of each cell, so that only what has changed is painted again. */
interface Painted {
  layout: string;
  cells: Uint8Array;
}

function paint(
  canvas: HTMLCanvasElement,
  cells: Uint8Array | undefined,
  number: number,
  { wide, high, columns, shared }: Layout,
  colours: Palette,
  before: Painted | null,
): Painted {
  const ratio = devicePixelRatio || 1;
  const shown = Math.ceil(number / shared);
  const layout = [wide, high, columns, shown, ratio, colours("free"), colours("busy")].join();
  let painted = before;
  if (painted?.layout !== layout) {
    canvas.width = columns * wide;
    canvas.height = Math.ceil(shown / columns) * high;
    canvas.style.width = `${canvas.width / ratio}px`;
    canvas.style.height = `${canvas.height / ratio}px`;
    painted = { layout, cells: new Uint8Array(shown).fill(255) };
  }
  const on = canvas.getContext("2d") as CanvasRenderingContext2D;
  const gap = wide >= 4 ? 1 : 0;
  const changed: number[][] = STATES.map(() => []);
  for (let index = 0; index < shown; index += 1) {
    let found = cells?.[index * shared] ?? 0;
    for (let more = 1; more < shared && found === 0; more += 1)
      found = cells?.[index * shared + more] ?? 0;
    if (painted.cells[index] === found) continue;
    painted.cells[index] = found;
    changed[found]?.push(index);
  }
  // One colour after the other: changing it is what takes time.
  for (const [state, places] of changed.entries()) {
    if (!places.length) continue;
    on.fillStyle = colours(STATES[state] ?? "free");
    on.beginPath();
    for (const index of places)
      on.rect((index % columns) * wide, Math.floor(index / columns) * high, wide - gap, high - gap);
    on.fill();
  }
  return painted;
}

interface Props {
  cells: Uint8Array | undefined;
  /** How many cells there are. */
  number: number;
  /** Changes with the cells, and with the page's colours. */
  stamp: string;
  label: string;
  /** The cell that is looked at. */
  picked?: number | undefined;
  onPick: (cell: number) => void;
  /** Pixels that it may be high; else what the style gives it. */
  room?: number;
}

export function PortMap({ cells, number, stamp, label, picked, onPick, room }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [ref, width, measured] = useSize<HTMLDivElement>();
  const height = room ?? measured;
  const painted = useRef<Painted | null>(null);
  const drawn = useRef("");
  const ratio = devicePixelRatio || 1;
  const pixels = (size: number): number => Math.max(1, Math.floor(size * ratio));
  const layout = layOut(number, pixels(width), pixels(height));
  useLayoutEffect(() => {
    const key = [stamp, width, height, number, ratio].join();
    if (!canvas.current || width === 0 || height === 0 || key === drawn.current) return;
    painted.current = paint(canvas.current, cells, number, layout, palette(), painted.current);
    drawn.current = key;
  });
  const { wide, high, columns, shared } = layout;
  const at = picked === undefined ? undefined : Math.floor(picked / shared);
  return (
    <div class="map" ref={ref}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={label}
        onClick={(event) => {
          const column = Math.floor((event.offsetX * ratio) / wide);
          const cell = (Math.floor((event.offsetY * ratio) / high) * columns + column) * shared;
          if (column < columns && cell < number) onPick(cell);
        }}
      />
      {at !== undefined && (
        <i
          class="picked"
          style={{
            left: `${((at % columns) * wide) / ratio}px`,
            top: `${(Math.floor(at / columns) * high) / ratio}px`,
            width: `${wide / ratio}px`,
            height: `${high / ratio}px`,
          }}
        />
      )}
    </div>
  );
}

/** What so many ports are doing, in words. */
export function makeUp(counts: Record<string, number>, limit: number): string {
  const parts = STATES.slice(1)
    .filter((state) => Math.round(counts[state] ?? 0) > 0)
    .map((state) => `${count(counts[state] ?? 0)} ${stateName(state)}`);
  return `${count(counts.ports ?? 0)} of ${counted(limit, "port")} taken${parts.length ? `: ${parts.join(", ")}` : ""}`;
}

/** What the colours of a map mean. */
export function StateKey() {
  return (
    <ul class="key">
      {STATES.map((state) => (
        <li key={state}>
          <i class={`cell ${state}`} aria-hidden="true" />
          {stateName(state)}
        </li>
      ))}
    </ul>
  );
}

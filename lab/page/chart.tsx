// Ports over time, as steps: one SVG that is the picture on the page and the one that is saved.
import { useMemo, useRef } from "preact/hooks";
import type { Recording } from "./recording";
import { count, span, tick, ticks, timeTicks } from "./words";

export const COLOURS = ["as-is", "second", "third", "fourth"] as const;
const DASHES = ["", "9 3", "2 2.5", "9 3 2 3"];

/** A curve that somebody drew: time and ports as shares of the axes. */
export type Sketch = [x: number, y: number][];

interface Props {
  recordings: Recording[];
  t: number;
  duration: number;
  width: number;
  height: number;
  /** Ports at the top of the axis; null follows the curves. */
  top: number | null;
  /** Whether runs are shown, or only what was drawn. */
  revealed: boolean;
  sketch: Sketch | null;
  onSketch: ((sketch: Sketch) => void) | null;
  onSeek: (t: number) => void;
  /** Requests per second of the dashed line that foretells; null draws none. */
  forecast: number | null;
  /** Of the letters, in pixels. */
  size: number;
}

/** Steps with the lowest, the highest and the last value of each column of pixels. */
function steps(
  of: Recording,
  x: (t: number) => number,
  y: (v: number) => number,
  right: number,
): string {
  const ports = of.place("ports");
  let last = of.count(0, ports);
  let column = Math.round(x(of.timeOf(0)));
  let [low, high] = [last, last];
  let path = `M${column} ${y(last).toFixed(1)}`;
  const flush = (): void => {
    if (high !== low) path += `V${y(high).toFixed(1)}V${y(low).toFixed(1)}`;
    path += `V${y(last).toFixed(1)}`;
  };
  for (let instant = 1; instant < of.instants; instant += 1) {
    const at = Math.round(x(of.timeOf(instant)));
    const value = of.count(instant, ports);
    if (at !== column) {
      flush();
      path += `H${at}`;
      column = at;
      [low, high] = [Math.min(last, value), Math.max(last, value)];
    } else {
      [low, high] = [Math.min(low, value), Math.max(high, value)];
    }
    last = value;
  }
  flush();
  return `${path}H${right}`;
}

/** Where the axis of ports ends: what is shown fills it; the limit joins where it is near. */
export function axisTop(recordings: Recording[]): number {
  const most = Math.max(1, ...recordings.map((it) => it.most("ports")));
  const limit = recordings[0]?.variant.ports ?? most;
  return most > 0.35 * limit ? limit * 1.06 : most * 1.15;
}

export function Chart(props: Props) {
  const { recordings, t, duration, width, height, revealed, sketch, onSketch, forecast } = props;
  const { size } = props;
  const em = size / 12;
  const [LEFT, RIGHT, TOP, BOTTOM] = [46 * em + 12, 22, 46 * em + 12, 22 * em + 12];
  const drawing = useRef(false);
  const svg = useRef<SVGSVGElement>(null);
  const top = props.top ?? axisTop(recordings);
  const [right, bottom] = [width - RIGHT, height - BOTTOM];
  const x = (time: number): number => LEFT + ((right - LEFT) * time) / duration;
  const y = (ports: number): number => bottom - ((bottom - TOP) * ports) / top;
  const limit = recordings[0]?.variant.ports ?? 0;

  const curves = useMemo(
    () => (revealed ? recordings.map((of) => steps(of, x, y, right)) : []),
    [recordings, revealed, width, height, top, duration],
  );
  const failures = useMemo(
    () =>
      revealed
        ? recordings.map((of) => {
            const columns = new Map<number, number>();
            for (const time of of.timesOf("request_ended", (it) => of.number(it, 6) > 0)) {
              const at = Math.round(x(time));
              columns.set(at, (columns.get(at) ?? 0) + 1);
            }
            return [...columns.keys()].map((at) => `M${at} ${TOP - 14}v8`).join("");
          })
        : [],
    [recordings, revealed, width, duration],
  );

  const place = (event: PointerEvent): [number, number] => {
    const box = svg.current?.getBoundingClientRect();
    if (!box) return [0, 0];
    const at = ((event.clientX - box.left) / box.width) * width;
    const up = ((event.clientY - box.top) / box.height) * height;
    const clamp = (value: number): number => Math.min(1, Math.max(0, value));
    return [clamp((at - LEFT) / (right - LEFT)), clamp((bottom - up) / (bottom - TOP))];
  };
  const move = (event: PointerEvent): void => {
    if (!drawing.current) return;
    const [at, up] = place(event);
    if (onSketch) {
      // A curve goes on to the right: what is drawn again replaces what was there.
      const kept = (sketch ?? []).filter(([x]) => x < at);
      onSketch([...(kept.length ? kept : ([[0, 0]] as Sketch)), [at, up]]);
    } else props.onSeek(at * duration);
  };
  const down = (event: PointerEvent): void => {
    drawing.current = true;
    svg.current?.setPointerCapture(event.pointerId);
    if (onSketch) onSketch([[0, 0]]);
    move(event);
  };

  const line = (sketch ?? []).map(([at, up]) => [
    LEFT + at * (right - LEFT),
    bottom - up * (bottom - TOP),
  ]);
  // Names stand behind each other, in a second row where the first is full.
  let [next, row] = [LEFT, 0];
  const legend = recordings.map((of, index) => {
    const most = Math.floor((right - LEFT) / (6.9 * em)) - 6;
    const whole = of.variant.name;
    const name = whole.length > most ? `${whole.slice(0, most - 1)}…` : whole;
    const wide = 44 + name.length * 6.9 * em;
    if (next + wide > right + 20 && next > LEFT) [next, row] = [LEFT, row + 1];
    const at = next;
    next += wide;
    return { name, index, at, row: Math.min(row, 1) };
  });
  const showsLimit = limit > 0 && limit <= top;
  const foretold =
    forecast && forecast > 0 ? Math.min(duration, (showsLimit ? limit : top) / forecast) : 0;
  const now = Math.min(t, duration);
  const name = revealed
    ? `Ports in use over ${span(duration)}: ${recordings
        .map(
          (of) =>
            `${of.variant.name} has ${count(of.counts(now).ports ?? 0)} of ${count(of.variant.ports)} at ${span(now)} and at most ${count(of.most("ports"))}`,
        )
        .join("; ")}`
    : `An empty chart of ports over ${span(duration)}, to draw your prediction in`;

  return (
    <svg
      ref={svg}
      class={`chart ${onSketch ? "draws" : ""}`}
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      role="img"
      aria-label={name}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={() => {
        drawing.current = false;
      }}
    >
      {ticks(top, Math.max(2, height / (60 * em))).map((value) => (
        <g key={value}>
          <path class="grid" d={`M${LEFT} ${y(value)}H${right}`} />
          <text class="quiet" x={LEFT - 8} y={y(value) + 4 * em} text-anchor="end">
            {count(value)}
          </text>
        </g>
      ))}
      {timeTicks(duration, Math.max(2, width / (100 * em))).map((value) => (
        <text
          key={value}
          class="quiet"
          x={x(value)}
          y={bottom + 18 * em + 2}
          text-anchor={value === 0 ? "start" : value > 0.97 * duration ? "end" : "middle"}
        >
          {tick(value)}
        </text>
      ))}
      <path class="axis" d={`M${LEFT} ${bottom}H${right}`} />
      <text class="quiet" x={LEFT} y={TOP - 14} text-anchor="start">
        ports in use
      </text>
      {showsLimit && (
        <g>
          <path class="limit" d={`M${LEFT} ${y(limit)}H${right}`} />
          <text class="limit-name" x={right} y={y(limit) - 6} text-anchor="end">
            all {count(limit)} ports
          </text>
        </g>
      )}
      {foretold > 0 && (
        <g>
          <path
            class="forecast"
            d={`M${LEFT} ${bottom}L${x(foretold)} ${y(foretold * (forecast ?? 0))}`}
          />
          {showsLimit && foretold < duration && (
            <text class="quiet" x={x(foretold) + 6} y={y(limit) + 6 + 12 * em}>
              {count(limit)} ÷ {Number((forecast ?? 0).toPrecision(3))}/s ={" "}
              {span(limit / (forecast ?? 1))}
            </text>
          )}
        </g>
      )}
      {curves.map((curve, index) => (
        <path
          key={recordings[index]?.variant.name}
          class={`curve ${COLOURS[index]}`}
          d={curve}
          stroke-dasharray={DASHES[index]}
        />
      ))}
      {failures.map((marks, index) =>
        marks ? (
          <path key={recordings[index]?.variant.name} class="failures" d={marks}>
            <title>failed requests</title>
          </path>
        ) : null,
      )}
      {failures.some(Boolean) && (
        <text class="failures-name" x={right} y={TOP - 16} text-anchor="end">
          | failed requests
        </text>
      )}
      {line.length > 1 && (
        <g>
          <path
            class="sketch"
            d={`M${line.map(([a, b]) => `${a?.toFixed(1)} ${b?.toFixed(1)}`).join("L")}`}
          />
          <text
            class="sketch-name"
            x={(line.at(-1)?.[0] ?? 0) - 4}
            y={(line.at(-1)?.[1] ?? 0) - 8}
            text-anchor="end"
          >
            your guess
          </text>
        </g>
      )}
      {revealed &&
        recordings.length > 1 &&
        legend.map(({ name, index, at, row }) => (
          <g key={name}>
            <path
              class={`curve ${COLOURS[index]}`}
              d={`M${at} ${(8 + 16 * row) * em}h22`}
              stroke-dasharray={DASHES[index]}
            />
            <text class={`name ${COLOURS[index]}`} x={at + 28} y={(12 + 16 * row) * em}>
              {name}
            </text>
          </g>
        ))}
      {revealed && (
        <g class="now">
          <path d={`M${x(now)} ${TOP - 4}V${bottom}`} />
          {recordings.map((of, index) => (
            <circle
              key={of.variant.name}
              class={COLOURS[index]}
              cx={x(now)}
              cy={y(of.count(of.instantAt(now), 0))}
              r="5"
            />
          ))}
        </g>
      )}
      {!revealed && !sketch?.length && (
        <text class="invite" x={(LEFT + right) / 2} y={(TOP + bottom) / 2} text-anchor="middle">
          draw your guess here, from left to right
        </text>
      )}
    </svg>
  );
}

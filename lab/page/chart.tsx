// A count over time, as steps: one SVG that is the picture on the page and the one that is saved.
import { useMemo, useRef } from "preact/hooks";
import { lookOf } from "./looks";
import { mostOf, type Series } from "./series";
import { count, span, tick, ticks, timeTicks } from "./words";

/** A curve that somebody drew: time and ports as shares of the axes. */
export type Sketch = [x: number, y: number][];

interface Props {
  series: readonly Series[];
  /** The place of each among all, which gives its colour. */
  places: readonly number[];
  /** The count that is drawn. */
  shows: "ports" | "failed";
  t: number;
  duration: number;
  width: number;
  height: number;
  /** The count at the top of the axis. */
  top: number;
  /** Whether the series are named in the picture. */
  isNamed: boolean;
  onSeek: (t: number) => void;
  /** Of the letters, in pixels. */
  size: number;
  /** For whoever draws a guess first. */
  guess?: {
    /** Whether the series are hidden still. */
    hides: boolean;
    sketch: Sketch | null;
    onSketch: ((sketch: Sketch) => void) | null;
  };
  /** Requests per second of the dashed line that foretells; null draws none. */
  forecast?: number | null;
}

const TITLES = { ports: "ports in use", failed: "failed requests so far" };

/** Steps with the lowest, the highest and the last value of each column of pixels. */
function steps(
  of: Series,
  which: number,
  x: (t: number) => number,
  y: (v: number) => number,
  right: number,
): string {
  let last = of.count(0, which);
  let column = Math.round(x(of.timeOf(0)));
  let [low, high] = [last, last];
  let path = `M${column} ${y(last).toFixed(1)}`;
  const flush = (): void => {
    if (high !== low) path += `V${y(high).toFixed(1)}V${y(low).toFixed(1)}`;
    path += `V${y(last).toFixed(1)}`;
  };
  for (let instant = 1; instant < of.instants; instant += 1) {
    const at = Math.round(x(of.timeOf(instant)));
    const value = of.count(instant, which);
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

/** Where the axis ends: what is shown fills it; the limit of ports joins where it is near. */
export function axisTop(series: readonly Series[], shows: Props["shows"] = "ports"): number {
  const most = Math.max(1, mostOf(series, shows));
  const limit = Math.max(0, ...series.map((it) => it.limit));
  return shows === "ports" && limit > 0 && most > 0.35 * limit ? limit * 1.06 : most * 1.15;
}

export function Chart(props: Props) {
  const { series, places, shows, t, duration, width, height, top, guess, forecast, size } = props;
  const { sketch = null, onSketch = null } = guess ?? {};
  const revealed = !guess?.hides;
  const em = size / 12;
  const names = revealed && props.isNamed && series.length > 1;
  const drawing = useRef(false);
  const svg = useRef<SVGSVGElement>(null);
  const LEFT = 46 * em + 12;
  const [right, bottom] = [width - 22, height - 22 * em - 12];
  // Names stand behind each other, in another row where one is full.
  let [next, row] = [LEFT, 0];
  const legend = (names ? series : []).map((of, index) => {
    const most = Math.floor((right - LEFT) / (7.4 * em)) - 6;
    const whole = of.name;
    const name = whole.length > most ? `${whole.slice(0, most - 1)}…` : whole;
    const wide = 48 + name.length * 7.4 * em;
    if (next + wide > right + 20 && next > LEFT) [next, row] = [LEFT, row + 1];
    const at = next;
    next += wide;
    return { name, look: lookOf(places[index] ?? index), at, row };
  });
  // Under each other: names, what the axis counts, marks of failures, the axis.
  const title = (names ? 16 * (row + 1) : 0) * em + 11 * em + 2;
  const marks = title + 5 * em;
  const TOP = marks + 12;
  const x = (time: number): number => LEFT + ((right - LEFT) * time) / duration;
  const y = (value: number): number => bottom - ((bottom - TOP) * value) / top;

  const curves = useMemo(
    () => (revealed ? series.map((of) => steps(of, of.place(shows), x, y, right)) : []),
    [series, shows, revealed, width, height, top, duration, size, TOP],
  );
  const failures = useMemo(() => {
    const spans = revealed && shows === "ports" ? series.flatMap((of) => of.rises("failed")) : [];
    const paths = spans.map(([from, to]) => {
      const [left, wide] = [Math.round(x(from)), Math.round(x(to)) - Math.round(x(from))];
      return `M${left} ${marks}h${Math.max(1, wide)}v8H${left}Z`;
    });
    return [...new Set(paths)].join("");
  }, [series, shows, revealed, width, duration, size, marks]);

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
  const limits = [...new Set(series.map((it) => it.limit))].filter(
    (it) => shows === "ports" && it > 0 && it <= top,
  );
  const limit = limits[0] ?? 0;
  const foretold = forecast && forecast > 0 ? Math.min(duration, (limit || top) / forecast) : 0;
  // The names of limit and forecast stand beside each other, if they can.
  const isCrowded = x(foretold) < LEFT + 120 * em;
  const now = Math.min(t, duration);
  const name = revealed
    ? `${TITLES[shows]} over ${span(duration)}: ${series
        .map((of) => {
          const value = count(of.counts(now)[shows] ?? 0);
          const limit = shows === "ports" ? ` of ${count(of.limit)}` : "";
          return `${of.name} has ${value}${limit} at ${span(now)} and at most ${count(of.most(shows))}`;
        })
        .join("; ")}`
    : `An empty chart of ports over ${span(duration)}, to draw your prediction in`;

  return (
    <svg
      ref={svg}
      class={`plot ${onSketch ? "draws" : ""}`}
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
      onPointerCancel={() => {
        drawing.current = false;
      }}
    >
      {ticks(top, Math.min(8, Math.max(1, (bottom - TOP) / (20 * em)))).map((value) => (
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
      <text class="quiet" x={LEFT} y={title} text-anchor="start">
        {TITLES[shows]}
      </text>
      {limits.map((limit) => (
        <path key={limit} class="limit" d={`M${LEFT} ${y(limit)}H${right}`} />
      ))}
      {foretold > 0 && (
        <path
          class="forecast"
          d={`M${LEFT} ${bottom}L${x(foretold)} ${y(foretold * (forecast ?? 0))}`}
        />
      )}
      {curves.map((curve, index) => {
        const look = lookOf(places[index] ?? index);
        return (
          <path
            key={series[index]?.name}
            class={`curve ${look.name}`}
            d={curve}
            stroke-width={look.width}
            stroke-dasharray={look.dash}
          />
        );
      })}
      {limits.map((limit) => (
        <text key={limit} class="limit-name" x={LEFT + 8} y={y(limit) + 14 * em}>
          all {count(limit)} ports
        </text>
      ))}
      {limit > 0 && foretold > 0 && foretold < duration && (
        <text class="quiet over" x={x(foretold) + 6} y={y(limit) + (isCrowded ? 30 : 14) * em}>
          {count(limit)} ÷ {Number((forecast ?? 0).toPrecision(3))}/s ={" "}
          {span(limit / (forecast ?? 1))}
        </text>
      )}
      {failures && (
        <g>
          <path class="failures" d={failures} />
          <text class="failures-name" x={right} y={title} text-anchor="end">
            | failed requests
          </text>
        </g>
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
      {legend.map(({ name, look, at, row }) => (
        <g key={name}>
          <path
            class={`curve ${look.name}`}
            d={`M${at} ${(8 + 16 * row) * em}h22`}
            stroke-width={look.width}
            stroke-dasharray={look.dash}
          />
          <text class="name" x={at + 28} y={(12 + 16 * row) * em}>
            {name}
          </text>
        </g>
      ))}
      {revealed && (
        <g class="now">
          <path d={`M${x(now)} ${TOP - 4}V${bottom}`} />
          {series.map((of, index) => (
            <circle
              key={of.name}
              class={lookOf(places[index] ?? index).name}
              cx={x(now)}
              cy={y(of.count(of.instantAt(now), of.place(shows)))}
              r="5"
            />
          ))}
        </g>
      )}
      {!revealed && !sketch?.length && (
        <text class="invite" x={(LEFT + right) / 2} y={(TOP + bottom) / 2} text-anchor="middle">
          <tspan x={(LEFT + right) / 2}>draw your guess here,</tspan>
          <tspan x={(LEFT + right) / 2} dy="1.3em">
            from left to right
          </tspan>
        </text>
      )}
    </svg>
  );
}

// The player: what moves the clock.
import { useEffect, useRef } from "preact/hooks";
import type { Clock } from "./clock";
import { useSize, useTold } from "./hooks";
import { palette } from "./palette";
import type { Series } from "./series";
import { clock as clockText, span } from "./words";

export interface Jump {
  label: string;
  t: number;
  /** Whether something goes wrong there. */
  isBad?: boolean;
}

interface Props {
  clock: Clock;
  ready: boolean;
  /** What a step is one of: an event, an instant. */
  unit: string;
  onStep: (by: 1 | -1) => void;
  series: readonly Series[];
  jumps: readonly Jump[];
  /** Seconds on the wall that the whole run takes at its own speed. */
  takes: number;
  /** Changes with the page's colours. */
  theme: string;
}

/** Acts on the player's keys. False: it is none of them. */
export function pressed(event: KeyboardEvent, clock: Clock, onStep: (by: 1 | -1) => void): boolean {
  const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
  if (event.key === " ") clock.toggle();
  else if (by === 0) return false;
  else if (event.shiftKey) {
    clock.pause();
    clock.seek(clock.t + 10 * by);
  } else onStep(by);
  event.preventDefault();
  return true;
}

/** Where requests come, and where they fail, along the line. */
function Ticks({
  series,
  duration,
  theme,
}: Pick<Props, "series" | "theme"> & { duration: number }) {
  const [ref, width] = useSize<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const on = canvas.current?.getContext("2d");
    if (!on || !canvas.current || width === 0) return;
    const ratio = devicePixelRatio || 1;
    canvas.current.width = width * ratio;
    canvas.current.height = 8 * ratio;
    on.scale(ratio, ratio);
    const colours = palette();
    const marks: [string, [from: number, to: number][]][] = [
      ["tick", series[0]?.rises("requests") ?? []],
      ["alarm", series.flatMap((of) => of.rises("failed"))],
    ];
    const place = (time: number): number => Math.round((time / duration) * (width - 1));
    for (const [colour, spans] of marks) {
      on.fillStyle = colours(colour);
      const places = new Map(spans.map(([from, to]) => [place(from), place(to)]));
      for (const [from, to] of places) on.fillRect(from, 0, Math.max(1, to - from), 8);
    }
  }, [series, duration, width, theme]);
  return (
    <div class="ticks" ref={ref} aria-hidden="true">
      <canvas ref={canvas} />
    </div>
  );
}

/** Before it is ready nobody is told where things go wrong. */
const NOTHING: readonly Series[] = [];

/** Shares of the run's own speed; 0 is as fast as it would be. */
const SPEEDS: [label: string, factor: number][] = [
  ["as it is", 0],
  ["slow", 0.1],
  ["calm", 0.35],
  ["brisk", 1],
  ["fast", 3],
];

export function Player(props: Props) {
  const { clock, ready, unit, onStep, series, jumps, takes, theme } = props;
  useTold(clock, true);
  const natural = clock.duration / takes;
  const speeds = SPEEDS.map(([, factor]) => factor * natural || 1);
  return (
    <section class="player" aria-label="The clock">
      <div class="buttons">
        <button
          type="button"
          class="play"
          disabled={!ready}
          aria-label={clock.playing ? "Pause" : "Play"}
          onClick={() => clock.toggle()}
        >
          {clock.playing ? "❚❚" : "▶"}
        </button>
        <button
          type="button"
          disabled={!ready}
          aria-label={`One ${unit} back`}
          onClick={() => onStep(-1)}
        >
          ‹
        </button>
        <button
          type="button"
          disabled={!ready}
          aria-label={`One ${unit} on`}
          onClick={() => onStep(1)}
        >
          ›
        </button>
      </div>
      <div class="line">
        <Ticks series={ready ? series : NOTHING} duration={clock.duration} theme={theme} />
        <input
          type="range"
          class="scrubber"
          aria-label="Simulated time in seconds"
          aria-valuetext={span(clock.t)}
          min="0"
          max={clock.duration}
          step="any"
          value={clock.t}
          disabled={!ready}
          onInput={(event) => clock.point(Number(event.currentTarget.value))}
        />
      </div>
      <output class="clock">
        {clockText(clock.t)} <span class="quiet">/ {clockText(clock.duration)}</span>
      </output>
      <label class="speed">
        <span class="unseen">Speed</span>
        <select
          value={String(speeds.findIndex((it) => Math.abs(it - clock.speed) < 1e-9))}
          onChange={(event) => {
            clock.speed = speeds[Number(event.currentTarget.value)] ?? 1;
            clock.tell();
          }}
        >
          {SPEEDS.map(([label], index) => (
            <option key={label} value={index}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {ready && jumps.length > 0 && (
        <div class="jumps">
          {jumps.map((it) => (
            <button
              key={it.label}
              type="button"
              class={it.isBad ? "alarm" : ""}
              onClick={() => {
                clock.pause();
                clock.seek(it.t);
              }}
            >
              {it.label}
            </button>
          ))}
        </div>
      )}
    </section>
  );
}

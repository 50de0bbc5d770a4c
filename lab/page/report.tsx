// The report's script: the lab's player, chart, table and maps over what a run has recorded. What
// else is on the page works without it.
import { render } from "preact";
import { useLayoutEffect, useMemo } from "preact/hooks";
import { axisTop, Chart } from "./chart";
import { Clock, Told } from "./clock";
import { useSize, useTold } from "./hooks";
import { type Complaint, type Link, read as readLink, write as writeLink } from "./link";
import { Sample } from "./looks";
import { makeUp, PortMap, STATES, StateKey } from "./map";
import { Numbers } from "./numbers";
import { Player, pressed } from "./player";
import { type Data, Recorded } from "./recorded";
import { mostOf } from "./series";
import { clock, count, counted, span, stateName } from "./words";

/** Seconds that a whole run takes to play. */
const TAKES = 20;
/** Milliseconds until a moment at which the clock stands is told, and written into the address. */
const SETTLED_AFTER = 200;

const COLUMNS = ["ports", ...STATES.slice(1), "groups", "queued", "requests", "failed", "opened"];

const media = {
  print: matchMedia("print"),
  dark: matchMedia("(prefers-color-scheme: dark)"),
};
const theme = (): string => (media.print.matches ? "print" : media.dark.matches ? "dark" : "light");

/** One scenario on the page. */
class Section extends Told {
  readonly clock = new Clock();
  readonly series: Recorded[];
  /** Which of the series are shown, by their places. */
  shown: number[];
  /** The port that is looked at. */
  port: number | null = null;
  message = "";
  /** What is said to screen readers. */
  said = "";
  private timer = 0;
  private isFollowing = false;

  constructor(
    readonly element: HTMLElement,
    readonly data: Data,
  ) {
    super();
    this.series = data.strategies.map((_, index) => new Recorded(data, index));
    this.shown = this.series.map((_, index) => index);
    this.clock.duration = data.duration;
    this.clock.speed = data.duration / TAKES;
    this.clock.preview(this.mostTelling());
    this.clock.listen((isFrame) => {
      if (!isFrame && !this.clock.playing) this.settle();
    }, false);
  }

  /** When ports first run out, else when most are taken. */
  private mostTelling(): number {
    const out = this.series.map((it) => it.exhausted).filter((it) => it !== null);
    if (out.length) return Math.min(...out);
    const most = mostOf(this.series, "ports");
    const of = this.series.find((it) => it.most("ports") === most) as Recorded;
    const which = of.place("ports");
    const at = of.times.findIndex((_, instant) => of.count(instant, which) === most);
    return of.timeOf(Math.max(0, at));
  }

  private settle(): void {
    clearTimeout(this.timer);
    if (this.isFollowing) return;
    this.timer = window.setTimeout(() => {
      const { t } = this.clock;
      const told = this.shown
        .map((place) => this.series[place] as Recorded)
        .map((of) => {
          const { ports = 0, failed = 0 } = of.counts(t);
          const failures =
            failed >= 0.5 ? `, ${counted(Math.round(failed), "failed request")}` : "";
          return `${of.name}: ${count(ports)} of ${count(of.limit)} ports${failures}`;
        });
      this.said = `At ${span(t)}: ${told.join("; ")}.`;
      history.replaceState(null, "", this.link);
      this.tell();
    }, SETTLED_AFTER);
  }

  /** The address of what is shown. */
  private get link(): string {
    const all = this.shown.length === this.series.length;
    const link: Link = {
      lesson: null,
      scenario: null,
      toml: "",
      strategies: all ? [] : this.shown.map((place) => this.series[place]?.name ?? ""),
      t: this.clock.t,
      sets: [],
    };
    return writeLink(link, [this.element.id]);
  }

  /** Shows what a link says; what cannot be shown is told. */
  follow(link: Link, complaints: Complaint[]): void {
    const wanted = this.series.flatMap((it, place) =>
      link.strategies.includes(it.name) ? [place] : [],
    );
    for (const name of link.strategies)
      if (!this.series.some((it) => it.name === name))
        complaints.push(`there is no strategy “${name.slice(0, 40)}”`);
    if (link.t !== null && link.t > this.clock.duration)
      complaints.push("its time lies behind the end");
    // The address is what it is until somebody moves something.
    this.isFollowing = true;
    this.clock.pause();
    if (link.t !== null) this.clock.seek(link.t);
    this.isFollowing = false;
    this.message = complaints.length ? `Of this link: ${complaints.slice(0, 3).join("; ")}.` : "";
    this.show(wanted.length ? wanted : this.series.map((_, place) => place), false);
  }

  show(places: number[], settles = true): void {
    this.shown = places;
    if (settles) this.settle();
    this.tell();
  }

  /** One recorded instant on or back. */
  step(by: 1 | -1): void {
    const [of] = this.series;
    if (!of) return;
    this.clock.pause();
    const at = of.instantAt(this.clock.t);
    // Back from between two instants is to the one before.
    const back = by < 0 && this.clock.t > of.timeOf(at) + 1e-9 ? 0 : by;
    this.clock.seek(of.timeOf(Math.max(0, Math.min(of.instants - 1, at + back))));
  }

  /** Draws anew, at once: a printer does not wait. */
  put(change: Partial<Pick<Section, "port">> = {}): void {
    Object.assign(this, change);
    this.tell();
  }
}

function Curves({ of, shows, share }: { of: Section; shows: "ports" | "failed"; share: string }) {
  useTold(of.clock, true);
  useTold(of, false);
  const [ref, width, height] = useSize<HTMLDivElement>();
  const series = useMemo(() => of.shown.map((it) => of.series[it] as Recorded), [of.shown]);
  return (
    <div class={`paper ${share}`} ref={ref}>
      {width > 0 && (
        <Chart
          series={series}
          places={of.shown}
          shows={shows}
          t={of.clock.t}
          duration={of.clock.duration}
          width={width}
          height={height}
          top={axisTop(series, shows)}
          isNamed={false}
          onSeek={(t) => of.clock.point(t)}
          size={width < 500 ? 13 : 12}
        />
      )}
    </div>
  );
}

function Toggles({ of }: { of: Section }) {
  useTold(of, false);
  return (
    <fieldset class="toggles">
      <legend class="unseen">Strategies</legend>
      {of.series.map((it, place) => {
        const isShown = of.shown.includes(place);
        return (
          <label key={it.name}>
            <input
              type="checkbox"
              checked={isShown}
              onChange={() =>
                of.show(
                  of.series.flatMap((_, other) =>
                    (other === place ? !isShown : of.shown.includes(other)) ? [other] : [],
                  ),
                )
              }
            />
            <Sample index={place} /> <span>{it.name}</span>
          </label>
        );
      })}
    </fieldset>
  );
}

/** Every port of every strategy that is shown, and a way to ask for one by its number. */
function Maps({ of }: { of: Section }) {
  useTold(of.clock, true);
  useTold(of, false);
  const maps = of.series.map((it) => it.ports).filter((it) => it !== null);
  const [first, last] = [
    Math.min(...maps.map((it) => it.first)),
    Math.max(...maps.map((it) => it.first + it.number - 1)),
  ];
  const id = `${of.element.id}-port`;
  return (
    <section class="maps" aria-label="Every port">
      <div class={`panels ${of.shown.length === 1 ? "one" : ""}`}>
        {of.shown.map((place) => {
          const it = of.series[place] as Recorded;
          const ports = it.ports;
          if (!ports) return null;
          const cells = ports.at(of.clock.t);
          const picked = of.port === null ? undefined : ports.cellOf(of.port);
          const state = picked === undefined ? undefined : STATES[cells[picked] ?? 0];
          const shared = ports.per > 1 ? `; a cell stands for ${ports.per}` : "";
          const made = makeUp(it.counts(of.clock.t), it.limit);
          return (
            <figure key={it.name}>
              <figcaption>
                <Sample index={place} /> {it.name}
              </figcaption>
              <PortMap
                cells={cells}
                number={cells.length}
                stamp={[of.clock.t, theme()].join()}
                label={`${it.name}, ports ${ports.first} to ${ports.first + ports.number - 1}${shared}: ${made}`}
                picked={picked}
                room={of.shown.length === 1 ? 270 : 124}
                onPick={(cell) => of.put({ port: ports.first + cell * ports.per })}
              />
              <p class="count">
                {made}
                {of.port !== null && (
                  <strong>
                    {state === undefined
                      ? `. There is no port ${of.port}`
                      : `. Port ${of.port}: ${stateName(state)}`}
                  </strong>
                )}
              </p>
            </figure>
          );
        })}
      </div>
      <StateKey />
      <p class="ask">
        <label for={id}>
          What is port{" "}
          <input
            id={id}
            type="number"
            min={first}
            max={last}
            placeholder={String(first)}
            value={of.port ?? ""}
            onInput={(event) => {
              const { value } = event.currentTarget;
              of.put({ port: value === "" ? null : Number(value) });
            }}
          />{" "}
          doing?
        </label>{" "}
        <span class="under">
          Ports {first} to {last}, a cell each
          {maps.some((it) => it.per > 1) ? ` or for ${maps[0]?.per}` : ""}; a click on a cell asks
          as well.{of.data.runs > 1 ? " The maps are of the first run." : ""}
        </span>
      </p>
    </section>
  );
}

function Live({ of }: { of: Section }) {
  useTold(of.clock, true);
  useTold(of, false);
  const { data } = of;
  const series = useMemo(() => of.shown.map((it) => of.series[it] as Recorded), [of.shown]);
  const jumps = series
    .filter((it) => it.exhausted !== null)
    .map((it) => ({
      label: `Out of ports: ${it.name} (${clock(it.exhausted ?? 0)})`,
      t: it.exhausted ?? 0,
      isBad: true,
    }));
  const fails = mostOf(of.series, "failed") > 0;
  // What the page drew before follows: its cursors, and which strategies are shown.
  useLayoutEffect(() => {
    for (const svg of of.element.querySelectorAll<SVGSVGElement>("svg.chart")) {
      const [left, right] = [Number(svg.dataset.left), Number(svg.dataset.right)];
      const cursor = svg.querySelector(".cursor");
      const x = left + (of.clock.t / of.clock.duration) * (right - left);
      cursor?.setAttribute("transform", `translate(${x.toFixed(1)} 0)`);
      cursor?.setAttribute("visibility", "visible");
    }
  });
  useLayoutEffect(() => {
    for (const part of of.element.querySelectorAll<HTMLElement>("[data-place]"))
      part.classList.toggle("off", !of.shown.includes(Number(part.dataset.place)));
  }, [of.shown]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the player reach it from all its parts
    <div
      class={`parts ${data.map ? "mapped" : ""} ${fails ? "failing" : ""}`}
      onKeyDown={(event) => {
        const target = event.target as HTMLElement;
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        if (target.matches("select, input:not(.scrubber)")) return;
        if (event.key === " " && target.matches("button")) return;
        pressed(event, of.clock, (by) => of.step(by));
      }}
    >
      {of.message && (
        <p class="message" role="status">
          {of.message}
        </p>
      )}
      <Toggles of={of} />
      <div class="pictures">
        <div class="curves">
          <Curves of={of} shows="ports" share="high" />
          {fails && <Curves of={of} shows="failed" share="low" />}
        </div>
        {data.map && <Maps of={of} />}
      </div>
      <p class="moment">
        At <strong>{clock(of.clock.t)}</strong>
        {data.runs > 1 ? `, means of ${data.runs} runs` : ""}
      </p>
      <Numbers series={series} places={of.shown} t={of.clock.t} columns={COLUMNS} />
      <Player
        clock={of.clock}
        ready
        unit="instant"
        onStep={(by) => of.step(by)}
        series={series}
        jumps={jumps}
        takes={TAKES}
        theme={theme()}
      />
      <p class="unseen" aria-live="polite">
        {of.said}
      </p>
    </div>
  );
}

const all: Data[] = JSON.parse(document.getElementById("data")?.textContent ?? "[]");
const sections = [...document.querySelectorAll<HTMLElement>("section.result")].map(
  (element, index) => new Section(element, all[index] as Data),
);

function recolour(): void {
  document.documentElement.dataset.theme = theme();
  for (const section of sections) section.put();
}

/** `#r0&t=98.4&strategy=NAME`; a mangled one is told, and the page is as it was. */
function follow(isAsked: boolean): void {
  const [first = "", ...rest] = location.hash.replace(/^#/, "").split("&");
  if (!first && !rest.length) return;
  const section = sections.find((it) => it.element.id === first);
  // A heading or another place of the page: the browser goes there.
  if (!section && !rest.length && document.getElementById(first)) return;
  const { link, complaints } = readLink(rest.join("&"));
  if (!section) complaints.unshift(`there is no scenario “${first.slice(0, 40)}”`);
  if (link.lesson !== null || link.scenario !== null || link.toml || link.sets.length)
    complaints.push("a report only knows a time and strategies");
  const target = section ?? sections[0];
  target?.follow(link, complaints);
  if (isAsked || rest.length) target?.element.scrollIntoView();
}

recolour();
media.dark.addEventListener("change", recolour);
media.print.addEventListener("change", recolour);
for (const section of sections) {
  const place = section.element.querySelector(".live");
  if (!place) continue;
  // The pictures that stand there without a script.
  for (const still of section.element.querySelectorAll(".still")) still.remove();
  render(<Live of={section} />, place);
}
follow(false);
addEventListener("hashchange", () => follow(true));

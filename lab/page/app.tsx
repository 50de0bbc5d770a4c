// The page: a lesson on the left, the diagram in the middle, the chart on the right, the clock below.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { axisTop, Chart } from "./chart";
import { Controls } from "./controls";
import { type Dot, paintDiagram } from "./diagram";
import type { Diagnostic } from "./engine";
import { useSize, useTold } from "./hooks";
import { Lab } from "./lab";
import { LESSONS, WORDS } from "./lessons";
import { write as writeLink } from "./link";
import { Sample } from "./looks";
import { makeUp, PortMap, StateKey } from "./map";
import { Numbers } from "./numbers";
import { palette } from "./palette";
import { Player, pressed } from "./player";
import type { Recording } from "./recording";
import { copy, pngOf, save, svgText } from "./save";
import { ruleText, say } from "./sentence";
import { clock, count, counted } from "./words";

export const lab = new Lab();

const useLab = (toFrames: boolean): void => useTold(lab, toFrames);

const READOUTS = ["time", "ports", "free", "failed", "answered", "groups", "connections"] as const;

/** Dots of the run that is shown, made as its events pass by. */
class Dots {
  private dots: Dot[] = [];
  private seen = 0;

  pass(of: Recording, at: number, now: number, moves: boolean): Dot[] {
    this.dots = this.dots.filter((dot) => now - dot.born < dot.life);
    const from = this.seen;
    this.seen = at;
    if (!moves || at <= from || at - from > 20_000) return this.dots;
    const wanted: number[] = [];
    for (let index = from; index < at; index += 1) {
      const kind = of.kind(index);
      if (kind === "request_sent" || kind === "request_ended") wanted.push(index);
    }
    // As many as the eye can follow.
    const every = Math.max(1, Math.ceil(wanted.length / 6));
    for (let place = 0; place < wanted.length && this.dots.length < 120; place += every) {
      const index = wanted[place] as number;
      const failed = of.kind(index) === "request_ended" && of.number(index, 6) > 0;
      this.dots.push({
        born: now,
        life: failed ? 900 : 520,
        kind: failed ? "failed" : of.kind(index) === "request_sent" ? "out" : "back",
        group: `${of.number(index, 4)}/${of.number(index, 3)}`,
        connection: `${of.number(index, 4)}/${of.number(index, 1)}`,
      });
    }
    return this.dots;
  }

  get any(): boolean {
    return this.dots.length > 0;
  }
}

/** The living picture of one run: its diagram, and every port. */
function Living({ which, small }: { which: number; small: boolean }) {
  useLab(true);
  const of = lab.recordings[which] as Recording;
  const diagram = useRef<HTMLCanvasElement>(null);
  const dots = useRef(new Dots());
  const [ref, width, height] = useSize<HTMLDivElement>();
  const { t, still } = lab.clock;
  // Before the guess nothing has happened.
  const at = !lab.revealed ? 0 : which === 0 ? lab.at : of.eventsUpTo(t);
  const film = lab.films[which];
  const world = film?.recording === of ? film.to(at) : null;

  useEffect(() => {
    let raf = 0;
    const frame = (now: number): void => {
      if (!world) return;
      const moving = dots.current.pass(of, at, now, !still);
      if (diagram.current && width > 0)
        paintDiagram(
          diagram.current,
          width,
          height,
          { recording: of, world, t, dots: moving, now },
          palette(),
          lab.presenting ? (lab.recordings.length > 1 ? 1.25 : 1.7) : 1,
        );
      if (dots.current.any) raf = requestAnimationFrame(frame);
    };
    frame(performance.now());
    return () => cancelAnimationFrame(raf);
  });

  const counts = of.counts(t);
  const { first_port: first } = of.variant;
  const followed = lab.followed === null ? undefined : lab.followed - first;
  return (
    <figure class="living">
      {lab.recordings.length > 1 && (
        <figcaption>
          <Sample index={which} /> {of.name}
        </figcaption>
      )}
      {!small && (
        <div class="diagram" ref={ref}>
          <canvas
            ref={diagram}
            role="img"
            aria-label={`${of.name}: ${counted(counts.groups ?? 0, "group")}, ${counted(counts.connections ?? 0, "connection")}, ${counted(counts.queued ?? 0, "request")} waiting`}
          />
        </div>
      )}
      <PortMap
        cells={world?.fullest()}
        number={of.limit}
        stamp={[at, lab.theme, of.name, of.length].join()}
        label={`${of.name}: ${makeUp(counts, of.limit)}`}
        picked={which === 0 ? followed : undefined}
        onPick={(cell) => lab.put({ followed: first + cell })}
      />
    </figure>
  );
}

function Pictures() {
  const many = lab.recordings.length;
  return (
    <section class="pictures" aria-label="What is going on inside">
      <div class={`runs runs-${many}`}>
        {lab.recordings.map((of, index) => (
          <Living key={`${of.name}/${index}`} which={index} small={many > 2} />
        ))}
      </div>
      <StateKey />
    </section>
  );
}

function Curves() {
  useLab(true);
  const [ref, width, height] = useSize<HTMLDivElement>();
  const plan = lab.plan;
  const predicting = lab.phase === "predict";
  const rate = lab.recordings[0]?.variant.workloads[0]?.rate ?? null;
  const forecast = plan.forecast && !predicting ? rate : null;
  const own = lab.recordings.length ? axisTop(lab.recordings) : plan.top;
  // While a guess is compared, the axis stays that of the guess where the curves fit.
  const top = predicting || (lab.sketch && own <= plan.top * 1.05) ? plan.top : own;
  return (
    <section class="curves" aria-label="Ports over time">
      <div class="paper" ref={ref}>
        {width > 0 && lab.recordings.length > 0 && (
          <Chart
            series={lab.recordings}
            places={lab.recordings.map((_, index) => index)}
            shows="ports"
            t={lab.clock.t}
            duration={lab.duration}
            width={width}
            height={Math.max(180, height)}
            top={top}
            isNamed={!lab.presenting}
            onSeek={(t) => lab.clock.point(t)}
            size={lab.presenting ? 22 : 12}
            guess={{
              hides: predicting,
              sketch: lab.sketch,
              onSketch: predicting ? (sketch) => lab.put({ sketch }) : null,
            }}
            forecast={forecast}
          />
        )}
      </div>
      {!predicting && (
        <Numbers
          series={lab.recordings}
          places={lab.recordings.map((_, index) => index)}
          t={lab.clock.t}
          columns={READOUTS}
        />
      )}
    </section>
  );
}

function Diagnostics({ problems, text }: { problems: Diagnostic[]; text: string }) {
  if (!problems.length) return null;
  const bytes = new TextEncoder().encode(text);
  const line = (at: number): number =>
    new TextDecoder().decode(bytes.slice(0, at)).split("\n").length;
  return (
    <ul class="problems" role="alert">
      {problems.map((it) => (
        <li key={`${it.message}${it.start}`}>
          {it.start !== undefined && text && <b>line {line(it.start)}: </b>}
          {it.message}
          {it.label && <span class="label"> ({it.label})</span>}
          {it.help && <span class="help">{it.help}</span>}
        </li>
      ))}
    </ul>
  );
}

function Guess() {
  const [peak, setPeak] = useState("");
  return (
    <form
      class="guess"
      onSubmit={(event) => {
        event.preventDefault();
        const value = Number(peak);
        if (peak !== "" && Number.isFinite(value))
          lab.put({
            sketch: [
              [0, 0],
              [1, Math.max(0, Math.min(1, value / lab.plan.top))],
            ],
          });
        lab.reveal();
      }}
    >
      <label>
        or type the number at the end
        <input
          type="number"
          min="0"
          step="1"
          value={peak}
          onInput={(event) => setPeak(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="primary" data-action="reveal" disabled={lab.busy}>
        {lab.sketch || peak !== "" ? "See what happens" : "I give up, show me"}
      </button>
    </form>
  );
}

function KnobView() {
  const knob = lab.plan.knob;
  const set = lab.question.sets.find(([key]) => key === knob?.key)?.[1];
  const current = Number(set?.match(/\d+(\.\d+)?/)?.[0] ?? knob?.initial);
  const [value, setValue] = useState(current);
  const timer = useRef(0);
  useEffect(() => setValue(current), [current]);
  if (!knob) return null;
  return (
    <label class="knob">
      <span>
        {knob.label}{" "}
        <b>
          {value} {knob.unit}
        </b>
      </span>
      <input
        type="range"
        min={knob.min}
        max={knob.max}
        step={knob.step}
        value={value}
        onInput={(event) => {
          const next = Number(event.currentTarget.value);
          setValue(next);
          clearTimeout(timer.current);
          timer.current = window.setTimeout(() => {
            void lab.set([[knob.key, knob.template.replace("{}", String(next))]]);
          }, 60);
        }}
      />
    </label>
  );
}

function Prices() {
  if (!lab.plan.prices) return null;
  return (
    <table class="prices">
      <thead>
        <tr>
          <th scope="col">remedy</th>
          <th scope="col">most ports</th>
          <th scope="col">connections</th>
          <th scope="col">failed</th>
        </tr>
      </thead>
      <tbody>
        {lab.recordings.map((of, index) => (
          <tr key={of.name}>
            <th scope="row">
              <Sample index={index} /> {of.name}
              <code>{lab.plan.code?.find((it) => it.strategy === of.name)?.line}</code>
            </th>
            <td>{count(of.most("ports"))}</td>
            <td>{count(of.most("opened"))}</td>
            <td class={of.most("failed") ? "alarm" : ""}>{count(of.most("failed"))}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Course() {
  const plan = lab.plan;
  const last = LESSONS.length;
  const done = lab.phase === "explain";
  return (
    <section class="course" aria-label="Lesson" data-lesson={lab.lesson} data-phase={lab.phase}>
      <p class="number">
        Lesson {lab.lesson} of {last}
        {lab.lesson === last && ": your turn"}
      </p>
      <h1>{plan.title}</h1>
      {done && lab.lesson < last ? (
        <details>
          <summary>The story again</summary>
          {plan.intro}
        </details>
      ) : (
        plan.intro
      )}
      {lab.phase === "predict" && (
        <>
          <p class="ask">{plan.ask}</p>
          <Guess />
        </>
      )}
      {lab.phase === "run" && (
        <p class="running">
          Watch it happen.{" "}
          <button type="button" onClick={() => lab.skip()}>
            Explain it now
          </button>
        </p>
      )}
      {done && lab.lesson < last && (
        <div class="explained">
          {plan.explain}
          <KnobView />
          {plan.choices && (
            <p class="choices">
              {plan.choices.map((it) => (
                <button
                  key={it.label}
                  type="button"
                  aria-pressed={JSON.stringify(it.sets) === JSON.stringify(lab.question.sets)}
                  onClick={() => void lab.setAll(it.sets).then(() => lab.clock.seek(lab.duration))}
                >
                  {it.label}
                </button>
              ))}
            </p>
          )}
          <Prices />
          <p class="onward">
            <button type="button" class="primary" onClick={() => void lab.goTo(lab.lesson + 1)}>
              Next: {LESSONS[lab.lesson]?.title}
              {"\u00a0→"}
            </button>
          </p>
          <details>
            <summary>For teachers</summary>
            <p>{plan.notes}</p>
            <dl>
              {WORDS.map(([word, meaning]) => (
                <div key={word}>
                  <dt>{word}</dt>
                  <dd>{meaning}</dd>
                </div>
              ))}
            </dl>
          </details>
        </div>
      )}
      {lab.lesson === last && <Controls lab={lab} />}
      {!lab.editing && <Diagnostics problems={lab.problems} text="" />}
    </section>
  );
}

function Sentence() {
  useLab(true);
  const [open, setOpen] = useState(false);
  const of = lab.recordings[0];
  const film = lab.films[0];
  const event = lab.event;
  if (!of || !film || !lab.revealed) return <p class="sentence" aria-live="polite" />;
  const said = event
    ? say(of, event, film.to(lab.at))
    : { text: "Nothing has happened yet.", rule: "", tone: "plain" as const };
  const rule = said.rule ? ruleText(said.rule) : "";
  return (
    <div class="cause">
      <p class={`sentence ${said.tone}`} aria-live={lab.clock.playing ? "off" : "polite"}>
        {lab.recordings.length > 1 && <b>{of.name}: </b>}
        {said.text}
      </p>
      {rule && (
        <button type="button" class="why" aria-expanded={open} onClick={() => setOpen(!open)}>
          Rule {said.rule}
        </button>
      )}
      {open && rule && <p class="rule">{rule}</p>}
    </div>
  );
}

function LabPlayer() {
  useLab(false);
  const out = lab.lesson === LESSONS.length ? lab.outOfPorts : undefined;
  return (
    <Player
      clock={lab.clock}
      ready={lab.revealed && lab.recordings.length > 0}
      unit="event"
      onStep={(by) => lab.step(by)}
      series={lab.recordings}
      jumps={[
        ...lab.plan.jumps,
        ...(out === undefined ? [] : [{ label: "out of ports", t: out, isBad: true }]),
      ]}
      takes={lab.plan.takes}
      theme={lab.theme}
    />
  );
}

function Take() {
  const chart = (): SVGSVGElement | null => document.querySelector("svg.plot");
  const name = lab.question.name;
  const told = async (what: string, text: string): Promise<void> => {
    lab.put({ message: (await copy(text)) ? `The ${what} is in the clipboard.` : text });
  };
  return (
    <details class="take">
      <summary>Take it with you</summary>
      <div>
        <code class="command">{lab.command}</code>
        <button
          type="button"
          onClick={() => void told("link", location.href.split("#")[0] + writeLink(lab.link))}
        >
          Copy link
        </button>
        <button type="button" onClick={() => void told("command", lab.command)}>
          Copy command
        </button>
        <button
          type="button"
          onClick={() => void lab.resolved().then((text) => told("scenario", text))}
        >
          Copy TOML
        </button>
        <button type="button" onClick={() => save(`${name}.toml`, lab.toml)}>
          Save TOML
        </button>
        <button
          type="button"
          onClick={() => void lab.csv().then((text) => save("ports.csv", text, "text/csv"))}
        >
          Save CSV
        </button>
        <button
          type="button"
          onClick={() => {
            const svg = chart();
            if (svg) save(`${name}.svg`, svgText(svg, lab.facts?.title ?? name), "image/svg+xml");
          }}
        >
          Save SVG
        </button>
        <button
          type="button"
          onClick={() => {
            const svg = chart();
            if (svg)
              void pngOf(svgText(svg, name), svg.clientWidth, svg.clientHeight).then((it) =>
                save(`${name}.png`, it),
              );
          }}
        >
          Save PNG
        </button>
      </div>
    </details>
  );
}

const KEYS: [string, string][] = [
  ["Space", "play, pause"],
  ["← →", "one event back, on"],
  ["Shift ← →", "10 s back, on"],
  ["1 – 9", "a lesson"],
  ["T", "light, dark"],
  ["P", "presentation"],
  ["F", "follow a port"],
  ["Esc", "close"],
];

function Help() {
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => close.current?.focus(), []);
  return (
    <div class="veil">
      <div class="dialog" role="dialog" aria-modal="true" aria-label="Keys">
        <h2>Keys</h2>
        <dl>
          {KEYS.map(([key, meaning]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
        <button type="button" ref={close} onClick={() => lab.put({ help: false })}>
          Close
        </button>
      </div>
    </div>
  );
}

function Editor() {
  const [text, setText] = useState(lab.toml);
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => area.current?.focus(), []);
  return (
    <div class="veil">
      <div class="dialog wide" role="dialog" aria-modal="true" aria-label="The scenario">
        <h2>The scenario</h2>
        <textarea
          ref={area}
          aria-label="The scenario as TOML"
          spellcheck={false}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <Diagnostics problems={lab.problems} text={text} />
        <p class="row">
          <button
            type="button"
            class="primary"
            disabled={lab.busy}
            onClick={async () => {
              if (await lab.ask({ name: "own", toml: text, sets: [] })) lab.put({ editing: false });
            }}
          >
            Run it
          </button>
          <button type="button" onClick={() => lab.put({ editing: false })}>
            Cancel
          </button>
        </p>
      </div>
    </div>
  );
}

/** What a port has been through, the clock where it is. */
function Followed() {
  const of = lab.recordings[0];
  if (!of || lab.followed === null) return null;
  const lines: ComponentChildren[] = [];
  for (let index = 0; index < lab.at && lines.length < 200; index += 1) {
    if (of.number(index, 2) === lab.followed) {
      const event = of.event(index);
      lines.push(
        <li key={index}>
          <b>{clock(event.time)}</b> {event.kind.replaceAll("_", " ")}
        </li>,
      );
    }
  }
  return (
    <aside class="followed" aria-label={`Port ${lab.followed}`}>
      <b>Port {lab.followed}</b>
      <button
        type="button"
        aria-label="Follow it no longer"
        onClick={() => lab.put({ followed: null })}
      >
        ×
      </button>
      <ol>{lines.length ? lines.slice(-8) : <li>nothing yet</li>}</ol>
    </aside>
  );
}

function onKey(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  if (event.key === "Escape") lab.put({ help: false, editing: false, followed: null });
  if (event.ctrlKey || event.metaKey || event.altKey || lab.editing) return;
  if (target.matches("textarea, select, input:not([type=range]):not([type=checkbox])")) return;
  if (event.key === " " && target.matches("button, summary, a, input[type=checkbox]")) return;
  if (lab.revealed && pressed(event, lab.clock, (by) => lab.step(by))) return;
  const act: Record<string, () => void> = {
    t: () => lab.put({ theme: lab.theme === "dark" ? "light" : "dark" }),
    p: () => lab.put({ presenting: !lab.presenting }),
    f: () => {
      const port = lab.event?.port;
      lab.put({
        followed: lab.followed === null && port !== undefined && port < 65536 ? port : null,
      });
    },
    "?": () => lab.put({ help: !lab.help }),
  };
  if (/^[1-9]$/.test(event.key)) {
    event.preventDefault();
    void lab.goTo(Number(event.key));
    return;
  }
  const found = act[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!found) return;
  // The scrubber has arrows of its own: they step through events like everywhere.
  event.preventDefault();
  found();
}

export function App() {
  useLab(false);
  useEffect(() => {
    void lab.start();
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  return (
    <>
      <header>
        <a class="brand" href="#lesson=1">
          spsim <b>lab</b>
        </a>
        <nav aria-label="Lessons">
          <ol>
            {LESSONS.map((it, index) => (
              <li key={it.title}>
                <a
                  href={`#lesson=${index + 1}`}
                  aria-current={lab.lesson === index + 1 ? "page" : undefined}
                  title={`${it.title}: ${it.hint}`}
                >
                  <span class="n">{index + 1}</span>
                  <span class="t">{it.title}</span>
                </a>
              </li>
            ))}
          </ol>
        </nav>
        <div class="tools">
          <button
            type="button"
            aria-pressed={lab.presenting}
            onClick={() => lab.put({ presenting: !lab.presenting })}
          >
            Present
          </button>
          <button
            type="button"
            aria-label={lab.theme === "dark" ? "Light colours" : "Dark colours"}
            onClick={() => lab.put({ theme: lab.theme === "dark" ? "light" : "dark" })}
          >
            {lab.theme === "dark" ? "☀" : "☾"}
          </button>
          <button type="button" aria-label="Keys" onClick={() => lab.put({ help: true })}>
            ?
          </button>
        </div>
      </header>
      {lab.message && (
        <p class="message" role="status">
          {lab.message}{" "}
          <button
            type="button"
            aria-label="Close the message"
            onClick={() => lab.put({ message: "" })}
          >
            ×
          </button>
        </p>
      )}
      <main class={`${lab.busy ? "busy" : ""} ${lab.revealed ? "" : "predicting"}`}>
        <Course />
        <Pictures />
        <Curves />
      </main>
      <footer>
        <Sentence />
        <LabPlayer />
        <Take />
      </footer>
      <Followed />
      {lab.help && <Help />}
      {lab.editing && <Editor />}
    </>
  );
}

// What is open, what is shown, and where the clock stands. One object; whoever shows it listens.

import type { Sketch } from "./chart";
import { Clock, Told } from "./clock";
import { type Diagnostic, Engine, type Facts, type Listed, type Question } from "./engine";
import { LESSONS, type Lesson } from "./lessons";
import { type Link, read as readLink, write as writeLink } from "./link";
import { type Event, Recording } from "./recording";
import { Film } from "./world";

export type Phase = "predict" | "run" | "explain";

/** Most runs beside each other. */
const MOST_SHOWN = 4;

/** More requests than this, over all strategies, are not recorded in a page. */
const MOST_REQUESTS = 1_000_000;

/** Milliseconds; browsers bear no address that changes with each move of a slider. */
const REMEMBERED_AFTER = 200;

export class Lab extends Told {
  private readonly engine = new Engine();
  private asked = 0;

  readonly clock = new Clock();
  listed: Listed | null = null;
  lesson = 1;
  phase: Phase = "predict";
  question: Question = { name: "", toml: "", sets: [] };
  facts: Facts | null = null;
  recordings: Recording[] = [];
  films: Film[] = [];
  /** Why there is no new picture. */
  problems: Diagnostic[] = [];
  /** What is told in a line: of a link, of something copied. */
  message = "";
  busy = true;
  shown: string[] = [];
  /** Events that have been seen of the first run shown, where single ones are stepped through. */
  at = 0;
  sketch: Sketch | null = null;
  followed: number | null = null;
  theme = document.documentElement.dataset.theme ?? "light";
  presenting = false;
  help = false;
  editing = false;

  constructor() {
    super();
    this.clock.listen((isFrame) => {
      this.at = this.recordings[0]?.eventsUpTo(this.clock.t) ?? 0;
      if (!isFrame && !this.clock.playing && !this.busy) this.settle();
      this.tell(isFrame);
    }, true);
  }

  /** The clock stands still. */
  private settle(): void {
    if (this.phase === "run" && this.clock.t >= this.duration) this.phase = "explain";
    this.remember();
  }

  get plan(): Lesson {
    return LESSONS[this.lesson - 1] as Lesson;
  }

  get duration(): number {
    return this.facts?.duration ?? 1;
  }

  get revealed(): boolean {
    return this.phase !== "predict";
  }

  /** The event behind which the clock stands, of the first run shown. */
  get event(): Event | null {
    const first = this.recordings[0];
    return first && this.at > 0 ? first.event(this.at - 1) : null;
  }

  async start(): Promise<void> {
    this.listed = await this.engine.list();
    addEventListener("hashchange", () => {
      if (location.hash !== this.written) void this.follow(location.hash);
    });
    await this.follow(location.hash);
  }

  /** Opens what a link says; a mangled one opens something that works, and says so. */
  async follow(fragment: string): Promise<void> {
    clearTimeout(this.timer);
    const { link, complaints } = readLink(fragment);
    const known = this.listed?.scenarios.map((it) => it.name) ?? [];
    if (link.scenario !== null && !link.toml && !known.includes(link.scenario)) {
      complaints.push(`there is no scenario “${link.scenario.slice(0, 40)}”`);
      link.scenario = null;
      link.sets = [];
    }
    const free = link.scenario !== null || link.toml !== "";
    this.lesson = link.lesson ?? (free ? LESSONS.length : 1);
    const plan = this.plan;
    const own = link.lesson === null || this.lesson === LESSONS.length;
    this.phase = own && free ? "explain" : link.t !== null ? "explain" : "predict";
    if (this.lesson === LESSONS.length) this.phase = "explain";
    this.question = {
      name: (own && free ? link.scenario : null) ?? (link.toml ? "own" : plan.scenario),
      toml: own && free ? link.toml : plan.toml,
      sets: link.sets,
    };
    this.sketch = null;
    this.followed = null;
    this.shown = link.strategies.length ? link.strategies : own && free ? [] : plan.strategies;
    let opened = await this.open(link.t ?? 0);
    if (!opened && link.sets.length) {
      complaints.push("what it sets cannot be set, so it was left out");
      this.question = { ...this.question, sets: [] };
      opened = await this.open(link.t ?? 0);
    }
    const missing = link.strategies.filter(
      (it) => !this.facts?.strategies.some((s) => s.name === it),
    );
    for (const name of missing) complaints.push(`there is no strategy “${name.slice(0, 40)}”`);
    if (opened && link.t !== null && link.t > this.duration)
      complaints.push("its time lies behind the end");
    this.message = complaints.length ? `Of this link: ${complaints.slice(0, 3).join("; ")}.` : "";
    this.tell();
  }

  /** Reads and runs the question as it stands. False: it is wrong, and the old picture stays. */
  private async open(t: number): Promise<boolean> {
    this.asked += 1;
    const turn = this.asked;
    this.busy = true;
    this.tell();
    await this.engine.forget();
    const bounded: Question = {
      ...this.question,
      sets: [...this.question.sets, ["most-requests", String(MOST_REQUESTS)]],
    };
    try {
      const allowed = await this.engine.open(bounded);
      const facts = allowed.ok ? await this.engine.open(this.question) : allowed;
      if (turn !== this.asked) return true;
      if (!facts.ok) {
        this.problems = facts.problems;
        return false;
      }
      const names = facts.strategies.map((it) => it.name);
      const wanted = this.shown.filter((it) => names.includes(it));
      const shown = (wanted.length ? wanted : names).slice(0, MOST_SHOWN);
      const recordings: Recording[] = [];
      for (const name of shown) {
        const index = names.indexOf(name);
        const columns = await this.engine.record(this.question, index);
        if (turn !== this.asked) return true;
        const variant = facts.strategies[index];
        if (!columns || !variant || !this.listed) {
          this.problems = [
            {
              message: "this run has more than 1.5 million events, more than a page can hold",
              label: "",
              help: "make it shorter or its rates smaller; `spsim run` takes it as it is",
            },
          ];
          return false;
        }
        recordings.push(new Recording(columns, variant, this.listed.legend));
      }
      this.problems = [];
      this.facts = facts;
      this.shown = shown;
      this.recordings = recordings;
      this.films = recordings.map((it) => new Film(it));
      this.clock.duration = facts.duration;
      this.clock.speed = facts.duration / this.plan.takes;
      this.clock.seek(t);
      return true;
    } catch (error) {
      if (turn === this.asked)
        this.problems = [
          { message: `the engine gave up: ${error}`, label: "", help: "reload the page" },
        ];
      return false;
    } finally {
      if (turn === this.asked) {
        this.busy = false;
        this.tell();
      }
    }
  }

  // ---- what is asked ----

  async goTo(lesson: number): Promise<void> {
    this.clock.pause();
    await this.follow(`#lesson=${lesson}`);
    this.remember();
  }

  /** Changes settings; a key without a value goes back to what the scenario has. */
  async set(changes: [key: string, value: string | null][]): Promise<boolean> {
    const old = this.question;
    const keys = changes.map(([key]) => key);
    const kept = old.sets.filter(([key]) => !keys.includes(key));
    const added = changes.filter((it): it is [string, string] => it[1] !== null);
    return this.ask({ ...old, sets: [...kept, ...added] });
  }

  async setAll(sets: [string, string][]): Promise<boolean> {
    return this.ask({ ...this.question, sets });
  }

  async ask(question: Question): Promise<boolean> {
    const old = this.question;
    this.question = question;
    const opened = await this.open(this.clock.t);
    if (!opened) this.question = old;
    else this.message = "";
    this.remember();
    this.tell();
    return opened;
  }

  async choose(name: string): Promise<void> {
    this.phase = "explain";
    this.lesson = LESSONS.length;
    this.shown = [];
    this.clock.seek(0);
    await this.ask({ name, toml: "", sets: [] });
  }

  async show(names: string[]): Promise<void> {
    const all = this.facts?.strategies.map((it) => it.name) ?? [];
    this.shown = all.filter((it) => names.includes(it)).slice(0, MOST_SHOWN);
    await this.open(this.clock.t);
    this.remember();
  }

  csv(): Promise<string> {
    return this.engine.csv(this.question);
  }

  resolved(): Promise<string> {
    return this.engine.resolved(this.question);
  }

  // ---- the clock ----

  /** One event on or back. */
  step(by: 1 | -1): void {
    const first = this.recordings[0];
    if (!first) return;
    this.clock.pause();
    const at = Math.max(0, Math.min(first.length, this.at + by));
    this.clock.seek(at > 0 ? first.timeOf(first.instantOf(at - 1)) : 0);
    this.at = at;
    this.tell();
  }

  /** The run is laid over the guess. */
  reveal(): void {
    this.phase = "run";
    if (this.clock.still) this.clock.seek(this.duration);
    else {
      this.clock.seek(0);
      this.clock.play();
    }
  }

  skip(): void {
    this.clock.pause();
    this.phase = "explain";
    this.tell();
  }

  /** When the first of the runs shown had no port for a connect. */
  get outOfPorts(): number | undefined {
    const times = this.recordings.map((it) => it.firstOf("connect_refused"));
    const found = times.filter((it) => it !== undefined);
    return found.length ? Math.min(...found) : undefined;
  }

  // ---- the rest ----

  put(
    change: Partial<
      Pick<Lab, "theme" | "presenting" | "help" | "editing" | "sketch" | "followed" | "message">
    >,
  ): void {
    Object.assign(this, change);
    document.documentElement.dataset.theme = this.theme;
    document.documentElement.classList.toggle("presenting", this.presenting);
    this.tell();
  }

  get link(): Link {
    const plan = this.plan;
    const ofLesson = this.lesson < LESSONS.length;
    return {
      lesson: ofLesson ? this.lesson : null,
      scenario: ofLesson ? null : this.question.name,
      toml: ofLesson ? "" : this.question.toml,
      strategies:
        this.shown.join() === (plan.strategies.join() || this.shown.join()) ? [] : this.shown,
      t: this.revealed && this.clock.t > 0 ? this.clock.t : null,
      sets: this.question.sets,
    };
  }

  private written = "";
  private timer = 0;
  /** Writes the link into the address, once it has been the same for a moment. */
  private remember(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      this.written = writeLink(this.link);
      history.replaceState(null, "", this.written);
    }, REMEMBERED_AFTER);
  }

  /** The command that gives the same numbers. */
  get command(): string {
    const quote = (text: string): string =>
      /^[\w./=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
    const name = this.question.toml ? `${this.question.name}.toml` : this.question.name;
    return [
      "spsim run",
      name,
      ...this.question.sets.map(([key, value]) => `--set ${quote(`${key}=${value}`)}`),
    ].join(" ");
  }

  /** The text of the scenario as it was written. */
  get toml(): string {
    return (
      this.question.toml ||
      (this.listed?.scenarios.find((it) => it.name === this.question.name)?.toml ?? "")
    );
  }
}

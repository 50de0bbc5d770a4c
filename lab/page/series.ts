// Counts over time, whoever counted them: the engine in the page, or a run that was recorded.

/** Half a nanosecond: times are whole nanoseconds, written as decimals of a second. */
const SAME = 5e-10;

/** How many of `times` are at or before `t`. */
export function upTo(times: ArrayLike<number>, t: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) <= t + SAME) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The counts of an instant, by name. */
export type Counts = Record<string, number>;

/** One strategy's counts. They are looked up, never computed. */
export abstract class Series {
  abstract readonly name: string;
  /** How many ports there are. */
  abstract readonly limit: number;
  /** The instants, in seconds and in their order. */
  abstract readonly times: ArrayLike<number>;
  /** What is counted; `ports` are those in use. */
  abstract readonly names: readonly string[];
  /** Whether something may have happened between two instants. */
  abstract readonly isSampled: boolean;
  abstract count(instant: number, which: number): number;

  get instants(): number {
    return this.times.length;
  }

  /** The instant in force at `t`: the last one at or before it. */
  instantAt(t: number): number {
    return Math.max(0, upTo(this.times, t) - 1);
  }

  timeOf(instant: number): number {
    return this.times[instant] ?? 0;
  }

  /** The place of a count's name. */
  place(name: string): number {
    return this.names.indexOf(name);
  }

  counts(t: number): Counts {
    const instant = this.instantAt(t);
    return Object.fromEntries(this.names.map((name, which) => [name, this.count(instant, which)]));
  }

  private readonly mosts = new Map<string, number>();

  /** The most of a count over the whole run. */
  most(name: string): number {
    let most = this.mosts.get(name);
    if (most === undefined) {
      const which = this.place(name);
      most = 0;
      for (let instant = 0; instant < this.instants; instant += 1)
        most = Math.max(most, this.count(instant, which));
      this.mosts.set(name, most);
    }
    return most;
  }

  /** When a count grows: from and to. Between samples nobody knows when exactly. */
  rises(name: string): [from: number, to: number][] {
    const which = this.place(name);
    const spans: [number, number][] = [];
    let before = 0;
    for (let instant = 0; instant < this.instants; instant += 1) {
      const now = this.count(instant, which);
      const to = this.timeOf(instant);
      if (now > before) spans.push([this.isSampled ? this.timeOf(instant - 1) : to, to]);
      before = now;
    }
    return spans;
  }
}

/** The most of a count over several. */
export function mostOf(series: readonly Series[], name: string): number {
  return Math.max(0, ...series.map((it) => it.most(name)));
}

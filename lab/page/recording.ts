// One strategy's run as the engine recorded it. Counts are looked up, never computed.
import type { Columns, Legend, Variant } from "./engine";

const COUNTS = 16;
const NUMBERS = 7;
/** What an event's number is where nothing applies. */
export const NONE = 0xffffffff;

/** The counts of an instant, by name. */
export type Counts = Record<string, number>;

export interface Event {
  index: number;
  kind: string;
  time: number;
  request: number;
  connection: number;
  port: number;
  group: number;
  process: number;
  table: number;
  detail: number;
  value: number;
}

/** How many of `times` are at or before `t`. */
function upTo(times: { length: number; [index: number]: number }, t: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) <= t) low = middle + 1;
    else high = middle;
  }
  return low;
}

export class Recording {
  readonly length: number;

  constructor(
    readonly columns: Columns,
    readonly variant: Variant,
    readonly legend: Legend,
  ) {
    this.length = columns.kinds.length;
  }

  get instants(): number {
    return this.columns.times.length;
  }

  /** The instant in force at `t`: the last one at or before it. */
  instantAt(t: number): number {
    return Math.max(0, upTo(this.columns.times, t) - 1);
  }

  timeOf(instant: number): number {
    return this.columns.times[instant] ?? 0;
  }

  count(instant: number, which: number): number {
    return this.columns.counts[instant * COUNTS + which] ?? 0;
  }

  /** The place of a count's name. */
  place(name: string): number {
    return this.legend.counts.indexOf(name);
  }

  counts(t: number): Counts {
    const instant = this.instantAt(t);
    return Object.fromEntries(
      this.legend.counts.map((name, which) => [name, this.count(instant, which)]),
    );
  }

  /** How many events have happened at `t`. */
  eventsUpTo(t: number): number {
    return this.count(this.instantAt(t), this.place("events"));
  }

  /** The instant of an event. */
  instantOf(event: number): number {
    const which = this.place("events");
    let [low, high] = [0, this.instants - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.count(middle, which) > event) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  number(event: number, which: number): number {
    return this.columns.numbers[event * NUMBERS + which] ?? NONE;
  }

  kind(event: number): string {
    return this.legend.events[this.columns.kinds[event] ?? 0] ?? "";
  }

  event(index: number): Event {
    const [request, connection, port, group, process, table, detail] = [0, 1, 2, 3, 4, 5, 6].map(
      (which) => this.number(index, which),
    ) as [number, number, number, number, number, number, number];
    return {
      index,
      kind: this.kind(index),
      time: this.timeOf(this.instantOf(index)),
      request,
      connection,
      port,
      group,
      process,
      table,
      detail,
      value: this.columns.values[index] ?? Number.NaN,
    };
  }

  private readonly firsts = new Map<string, number | undefined>();

  /** The time of the first event of a kind, if there is one. */
  firstOf(kind: string): number | undefined {
    if (!this.firsts.has(kind)) this.firsts.set(kind, this.findFirst(kind));
    return this.firsts.get(kind);
  }

  private findFirst(kind: string): number | undefined {
    const code = this.legend.events.indexOf(kind);
    const index = this.columns.kinds.indexOf(code);
    return index < 0 ? undefined : this.timeOf(this.instantOf(index));
  }

  /** The times of all events of a kind for which `wanted` holds. */
  timesOf(kind: string, wanted: (event: number) => boolean = () => true): number[] {
    const code = this.legend.events.indexOf(kind);
    const { kinds } = this.columns;
    const times: number[] = [];
    const which = this.place("events");
    let instant = 0;
    for (let index = 0; index < kinds.length; index += 1) {
      if (kinds[index] !== code || !wanted(index)) continue;
      while (this.count(instant, which) <= index) instant += 1;
      times.push(this.timeOf(instant));
    }
    return times;
  }

  private readonly mosts = new Map<string, number>();

  /** The most of a count over the whole run. */
  most(name: string): number {
    const known = this.mosts.get(name);
    if (known !== undefined) return known;
    const which = this.place(name);
    let most = 0;
    for (let instant = 0; instant < this.instants; instant += 1) {
      most = Math.max(most, this.count(instant, which));
    }
    this.mosts.set(name, most);
    return most;
  }
}

// One strategy's run as the engine recorded it: its counts, and every event.
import type { Columns, Legend, Variant } from "./engine";
import { Series } from "./series";

const COUNTS = 16;
const NUMBERS = 7;
/** What an event's number is where nothing applies. */
export const NONE = 0xffffffff;

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

export class Recording extends Series {
  readonly name: string;
  readonly limit: number;
  readonly times: Float64Array;
  readonly names: readonly string[];
  readonly isSampled = false;
  /** How many events there are. */
  readonly length: number;

  constructor(
    readonly columns: Columns,
    readonly variant: Variant,
    readonly legend: Legend,
  ) {
    super();
    this.name = variant.name;
    this.limit = variant.ports;
    this.times = columns.times;
    this.names = legend.counts;
    this.length = columns.kinds.length;
  }

  count(instant: number, which: number): number {
    return this.columns.counts[instant * COUNTS + which] ?? 0;
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
}

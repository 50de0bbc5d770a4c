// One strategy's run as a results folder has it. What is here is what `src/output/report/data.rs`
// writes into the page.
import { Series, upTo } from "./series";

/** Every port over time, as changes from frame to frame. */
interface PortMap {
  states: string[];
  /** One a state. */
  letters: string;
  /** When the frames were taken, in seconds. */
  times: number[];
  strategies: { first: number; ports: number; per: number; frames: string[] }[];
}

/** A results folder. */
export interface Data {
  /** Seconds. */
  duration: number;
  /** How many runs the counts are means of. */
  runs: number;
  times: number[];
  columns: string[];
  /** `counts`: a list for each column, with a count for each of `times`. */
  strategies: { name: string; limit: number; exhausted: number | null; counts: number[][] }[];
  map: PortMap | null;
}

export class Recorded extends Series {
  readonly name: string;
  readonly limit: number;
  readonly times: number[];
  readonly names: readonly string[];
  readonly isSampled = true;
  /** When ports ran out first. */
  readonly exhausted: number | null;
  readonly ports: RecordedPorts | null;
  private readonly columns: number[][];

  constructor(data: Data, index: number) {
    super();
    const strategy = data.strategies[index];
    if (!strategy) throw new RangeError(`there is no strategy ${index}`);
    this.name = strategy.name;
    this.limit = strategy.limit;
    this.times = data.times;
    this.names = data.columns;
    this.exhausted = strategy.exhausted;
    this.columns = strategy.counts;
    this.ports = data.map && new RecordedPorts(data.map, index);
  }

  count(instant: number, which: number): number {
    return this.columns[which]?.[instant] ?? 0;
  }
}

/** What every port is doing, from frame to frame. */
export class RecordedPorts {
  readonly first: number;
  /** How many ports there are. */
  readonly number: number;
  /** How many share a cell. */
  readonly per: number;
  private readonly frames: Uint8Array[];

  constructor(
    private readonly map: PortMap,
    index: number,
  ) {
    const one = map.strategies[index];
    if (!one) throw new RangeError(`there is no map ${index}`);
    [this.first, this.number, this.per] = [one.first, one.ports, one.per];
    const frame = new Uint8Array(Math.ceil(one.ports / one.per));
    this.frames = one.frames.map((changes) => {
      let at = 0;
      for (const [, gap, letter, length] of changes.matchAll(/([0-9a-z]*)([A-Z])([0-9a-z]*)/g)) {
        at += gap ? Number.parseInt(gap, 36) : 0;
        const end = at + (length ? Number.parseInt(length, 36) : 1);
        frame.fill(map.letters.indexOf(letter as string), at, end);
        at = end;
      }
      return frame.slice();
    });
  }

  /** The cells of the last frame at or before `t`, as places in the list of states. */
  at(t: number): Uint8Array {
    return this.frames[Math.max(0, upTo(this.map.times, t) - 1)] ?? new Uint8Array();
  }

  /** The cell of a port; `undefined` if there is no such port. */
  cellOf(port: number): number | undefined {
    const place = port - this.first;
    return place >= 0 && place < this.number ? Math.floor(place / this.per) : undefined;
  }
}

// What there is to be drawn behind so many events: groups, connections, ports, timers. A picture:
// every count beside it is the engine's.
import { NONE, type Recording } from "./recording";

/** A place in the list of states. */
export type State = 0 | 1 | 2 | 3 | 4 | 5;
const [FREE, CONNECTING, BUSY, IDLE, CLOSE_WAIT, TIME_WAIT] = [0, 1, 2, 3, 4, 5] as const;

export interface Connection {
  serial: number;
  port: number;
  group: string;
  state: State;
  served: number;
}

export interface Group {
  key: string;
  name: number;
  process: number;
  connections: Set<string>;
  /** When its own idle timer fires. */
  due: number | null;
}

export interface Timer {
  /** When it fires; null while something is busy. */
  due: number | null;
  restarted: number;
  fired: number;
}

export class World {
  /** Events that have happened. */
  at = 0;
  groups = new Map<string, Group>();
  connections = new Map<string, Connection>();
  /** The ServicePoints' timers, by process. */
  timers = new Map<number, Timer>();
  /** By table; a cell a port. */
  cells = new Map<number, Uint8Array>();
  /** Taken ports, by table. */
  taken = new Map<number, number>();
  /** Requests on the wire, with the connection that carries each. */
  onWire = new Map<number, string>();
  servicePoints = 0;

  copy(): World {
    const copy = new World();
    copy.at = this.at;
    for (const [key, group] of this.groups)
      copy.groups.set(key, { ...group, connections: new Set(group.connections) });
    for (const [key, connection] of this.connections) copy.connections.set(key, { ...connection });
    for (const [key, timer] of this.timers) copy.timers.set(key, { ...timer });
    for (const [key, cells] of this.cells) copy.cells.set(key, cells.slice());
    copy.taken = new Map(this.taken);
    copy.onWire = new Map(this.onWire);
    copy.servicePoints = this.servicePoints;
    return copy;
  }

  private group(process: number, name: number): Group {
    const key = `${process}/${name}`;
    let group = this.groups.get(key);
    if (!group) {
      group = { key, name, process, connections: new Set(), due: null };
      this.groups.set(key, group);
    }
    return group;
  }

  private mark(of: Recording, table: number, port: number, state: State): void {
    const { ports, first_port } = of.variant;
    let cells = this.cells.get(table);
    if (!cells) {
      cells = new Uint8Array(ports);
      this.cells.set(table, cells);
    }
    const cell = port - first_port;
    const change = (state === FREE ? 0 : 1) - (cells[cell] === FREE ? 0 : 1);
    cells[cell] = state;
    this.taken.set(table, (this.taken.get(table) ?? 0) + change);
  }

  private timer(process: number): Timer {
    let timer = this.timers.get(process);
    if (!timer) {
      timer = { due: null, restarted: 0, fired: 0 };
      this.timers.set(process, timer);
    }
    return timer;
  }

  apply(of: Recording, index: number): void {
    this.at = index + 1;
    const request = of.number(index, 0);
    const serial = of.number(index, 1);
    const port = of.number(index, 2);
    const name = of.number(index, 3);
    const process = of.number(index, 4);
    const table = of.number(index, 5);
    const key = `${process}/${serial}`;
    const turn = (state: State): void => {
      const connection = this.connections.get(key);
      if (!connection) return;
      connection.state = state;
      this.mark(of, table, connection.port, state);
    };
    switch (of.kind(index)) {
      case "connection_opened": {
        const pooled =
          of.variant.clients[process % of.variant.clients.length]?.mechanism === "sockets";
        const group = this.group(process, pooled ? NONE : name);
        group.connections.add(key);
        this.connections.set(key, {
          serial,
          port,
          group: group.key,
          state: CONNECTING,
          served: 0,
        });
        this.mark(of, table, port, CONNECTING);
        break;
      }
      case "connection_connected":
        // Told without its endpoint: nothing is seen of it until a request is on it.
        break;
      case "request_sent": {
        turn(BUSY);
        this.onWire.set(request, key);
        break;
      }
      case "request_ended":
      case "request_retried": {
        const connection = this.connections.get(this.onWire.get(request) ?? "");
        if (connection) connection.served += 1;
        this.onWire.delete(request);
        break;
      }
      case "connection_became_idle":
        turn(IDLE);
        break;
      case "server_closed_connection":
        turn(CLOSE_WAIT);
        break;
      case "connection_closed": {
        const connection = this.connections.get(key);
        if (connection) {
          this.mark(of, table, connection.port, FREE);
          this.groups.get(connection.group)?.connections.delete(key);
          this.connections.delete(key);
        }
        break;
      }
      case "port_held":
        this.mark(of, table, port, TIME_WAIT);
        break;
      case "port_freed":
        if (this.cells.get(table)?.[port - of.variant.first_port] === TIME_WAIT)
          this.mark(of, table, port, FREE);
        break;
      case "group_created":
        if (of.variant.clients[process % of.variant.clients.length]?.mechanism !== "sockets")
          this.group(process, name);
        break;
      case "group_released":
        this.groups.delete(`${process}/${name}`);
        break;
      case "service_point_created":
        this.servicePoints += 1;
        break;
      case "service_point_released":
        this.servicePoints -= 1;
        break;
      case "idle_timer_armed": {
        const due = of.columns.values[index] ?? null;
        if (name === NONE) this.timer(process).due = due;
        else this.group(process, name).due = due;
        break;
      }
      case "idle_timer_cancelled":
        if (name === NONE) {
          const timer = this.timer(process);
          timer.due = null;
          timer.restarted = of.number(index, 6);
        } else this.group(process, name).due = null;
        break;
      case "idle_timer_fired":
        if (name === NONE) {
          const timer = this.timer(process);
          timer.due = null;
          timer.fired += 1;
        }
        break;
    }
  }

  /** The table with the most taken ports, the first where several have as many. */
  fullest(): Uint8Array | undefined {
    let [best, most] = [0, 0];
    for (const [table, taken] of [...this.taken].sort(([a], [b]) => a - b)) {
      if (taken > most) [best, most] = [table, taken];
    }
    return this.cells.get(best);
  }
}

/** Goes to any number of events: forwards one by one, backwards from the last stop before. */
export class Film {
  private world = new World();
  private readonly stops: World[] = [];
  private readonly every: number;

  constructor(readonly recording: Recording) {
    this.every = Math.max(4000, Math.ceil(recording.length / 24));
  }

  to(events: number): World {
    if (events < this.world.at) {
      const before = this.stops.filter((stop) => stop.at <= events).at(-1);
      this.world = before ? before.copy() : new World();
    }
    while (this.world.at < events) {
      const last = this.stops.at(-1)?.at ?? 0;
      if (this.world.at >= last + this.every) this.stops.push(this.world.copy());
      this.world.apply(this.recording, this.world.at);
    }
    return this.world;
  }
}

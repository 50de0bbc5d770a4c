// The page's side of the engine: questions go to a worker, facts and recordings come back.
import packed from "virtual:engine";
import Worker from "./worker?worker&inline";

/** A scenario and what is changed in it. `toml` is empty for a built-in one. */
export interface Question {
  name: string;
  toml: string;
  sets: [key: string, value: string][];
}

/** What is wrong with a scenario, and where in its text (bytes). */
export interface Diagnostic {
  message: string;
  label: string;
  help: string;
  start?: number;
  end?: number;
}

export interface Client {
  name: string;
  runtime: string;
  title: string;
  summary: string;
  mechanism: "framework" | "mono" | "sockets";
  /** What has idle timers of its own. */
  timers: "service_point" | "group" | "connection" | "sweep";
  /** Seconds; null is never. */
  idle_time: number | null;
  /** null is no limit. */
  limit: number | null;
}

export interface Workload {
  name: string;
  client: string;
  server: string;
  /** Requests per second, where they come at one rate. */
  rate: number | null;
  from: number;
  until: number | null;
  group: string;
  keep_alive: boolean;
}

/** A scenario as one strategy changes it. */
export interface Variant {
  name: string;
  first_port: number;
  ports: number;
  time_wait: number;
  machines: number;
  per_destination: boolean;
  clients: Client[];
  servers: { name: string; key: string; active_close: string }[];
  workloads: Workload[];
  close_groups: string;
}

export interface Facts {
  ok: true;
  name: string;
  title: string;
  question: string;
  expect: string;
  duration: number;
  digest: string;
  replications: number;
  strategies: Variant[];
  warnings: Diagnostic[];
}

export type Opened = Facts | { ok: false; problems: Diagnostic[] };

/** A recording as it lies in the engine's memory. */
export interface Columns {
  times: Float64Array;
  counts: Uint32Array;
  kinds: Uint8Array;
  numbers: Uint32Array;
  values: Float64Array;
  groups: string[];
}

export interface Legend {
  events: string[];
  counts: string[];
  numbers: string[];
  failures: { name: string; message: string }[];
}

export interface Listed {
  legend: Legend;
  scenarios: { name: string; toml: string }[];
}

export interface Answer {
  id: number;
  value?: unknown;
  problem?: string;
}

async function unpack(): Promise<WebAssembly.Module> {
  const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return WebAssembly.compile(await new Response(stream).arrayBuffer());
}

/** Asked one thing at a time; what is asked anew replaces what nobody waits for any more. */
export class Engine {
  private readonly module = unpack();
  private worker: Promise<Worker> | undefined;
  private readonly waiting = new Map<number, [(value: unknown) => void, (why: Error) => void]>();
  private next = 0;

  private start(): Promise<Worker> {
    return this.module.then((module) => {
      const worker = new Worker();
      worker.onmessage = ({ data }: MessageEvent<Answer>) => {
        const [done, failed] = this.waiting.get(data.id) ?? [];
        this.waiting.delete(data.id);
        if (data.problem === undefined) done?.(data.value);
        else failed?.(new Error(data.problem));
      };
      worker.postMessage({ module });
      return worker;
    });
  }

  private async ask<T>(message: object): Promise<T> {
    this.worker ??= this.start();
    const worker = await this.worker;
    const id = this.next++;
    return new Promise((done, failed) => {
      this.waiting.set(id, [done as (value: unknown) => void, failed]);
      worker.postMessage({ ...message, id });
    });
  }

  /** Drops what has been asked and not answered: its run may be a long one. */
  async forget(): Promise<void> {
    if (this.waiting.size === 0) return;
    const worker = this.worker;
    this.waiting.clear();
    this.worker = undefined;
    (await worker)?.terminate();
  }

  list(): Promise<Listed> {
    return this.ask({ what: "list" });
  }
  open(question: Question): Promise<Opened> {
    return this.ask({ what: "open", question });
  }
  record(question: Question, strategy: number): Promise<Columns | null> {
    return this.ask({ what: "record", question, strategy });
  }
  csv(question: Question): Promise<string> {
    return this.ask({ what: "csv", question });
  }
  resolved(question: Question): Promise<string> {
    return this.ask({ what: "resolved", question });
  }
}

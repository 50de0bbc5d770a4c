// The engine beside the page: one fresh instance a question, so that its memory goes with it.
import type { Answer, Columns, Question } from "./engine";

interface Exports extends WebAssembly.Exports {
  memory: WebAssembly.Memory;
  scenarios(): number;
  name(index: number): bigint;
  toml(index: number): bigint;
  legend(): bigint;
  room(length: number): number;
  open(address: number, length: number): bigint;
  resolved(): bigint;
  record(strategy: number, replication: number): bigint;
  csv(): bigint;
}

let module: WebAssembly.Module;

async function fresh(): Promise<Exports> {
  return (await WebAssembly.instantiate(module)).exports as Exports;
}

/** A text that the engine hands over: its address above its length. */
function text({ memory }: Exports, handedOver: bigint): string {
  const number = BigInt.asUintN(64, handedOver);
  const bytes = new Uint8Array(memory.buffer, Number(number >> 32n), Number(number & 0xffffffffn));
  return new TextDecoder().decode(bytes);
}

function open(engine: Exports, { name, toml, sets }: Question): string {
  const parts = [name, toml, ...sets.flat()].map((part) => `${part.replaceAll("\0", "")}\0`);
  const bytes = new TextEncoder().encode(parts.join(""));
  const address = engine.room(bytes.length);
  new Uint8Array(engine.memory.buffer).set(bytes, address);
  return text(engine, engine.open(address, bytes.length));
}

/** A copy of a column, to be handed on. */
function column<T>(
  engine: Exports,
  make: { new (buffer: ArrayBufferLike): T; BYTES_PER_ELEMENT: number },
  address: number,
  length: number,
): T {
  const bytes = length * make.BYTES_PER_ELEMENT;
  return new make(engine.memory.buffer.slice(address, address + bytes));
}

function record(engine: Exports, strategy: number): Columns | null {
  const found = JSON.parse(text(engine, engine.record(strategy, 0)));
  if (!found) return null;
  const { instants, events, groups } = found;
  return {
    times: column(engine, Float64Array, found.times, instants),
    counts: column(engine, Uint32Array, found.counts, instants * 16),
    kinds: column(engine, Uint8Array, found.kinds, events),
    numbers: column(engine, Uint32Array, found.numbers, events * 7),
    values: column(engine, Float64Array, found.values, events),
    groups,
  };
}

async function answer(message: Record<string, unknown>): Promise<unknown> {
  const engine = await fresh();
  const question = message.question as Question;
  switch (message.what) {
    case "list":
      return {
        legend: JSON.parse(text(engine, engine.legend())),
        scenarios: Array.from({ length: engine.scenarios() }, (_, index) => ({
          name: text(engine, engine.name(index)),
          toml: text(engine, engine.toml(index)),
        })),
      };
    case "open":
      return JSON.parse(open(engine, question));
    case "record":
      open(engine, question);
      return record(engine, message.strategy as number);
    case "csv":
      open(engine, question);
      return text(engine, engine.csv());
    case "resolved":
      open(engine, question);
      return text(engine, engine.resolved());
    default:
      throw new Error(`nobody knows ${message.what}`);
  }
}

self.onmessage = async ({ data }: MessageEvent) => {
  if (data.module) {
    module = data.module;
    return;
  }
  const reply: Answer = { id: data.id };
  try {
    reply.value = await answer(data);
  } catch (error) {
    reply.problem = String(error);
  }
  self.postMessage(reply);
};

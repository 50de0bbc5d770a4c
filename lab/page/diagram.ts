// The living diagram of one run, painted on a canvas.
import { STATES } from "./map";
import type { Palette } from "./palette";
import { NONE, type Recording } from "./recording";
import { count, counted, span } from "./words";
import type { Connection, Group, World } from "./world";

/** A dot on its way: from wall clock `born`, through `path`, for `life` milliseconds. */
export interface Dot {
  born: number;
  life: number;
  kind: "out" | "back" | "failed";
  group: string;
  connection: string;
}

const ROW = 30;
type Point = [x: number, y: number];

/** Makes a canvas as many pixels as it is shown on; gives its context, in CSS pixels. */
function sized(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D {
  const ratio = devicePixelRatio || 1;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

function box(
  on: CanvasRenderingContext2D,
  [x, y]: Point,
  [w, h]: Point,
  fill: string,
  stroke: string,
): void {
  on.beginPath();
  on.roundRect(x, y, w, h, 8);
  on.fillStyle = fill;
  on.fill();
  on.strokeStyle = stroke;
  on.lineWidth = 1.25;
  on.stroke();
}

function along(path: Point[], share: number): Point {
  const lengths = path.slice(1).map(([x, y], index) => {
    const [a, b] = path[index] as Point;
    return Math.hypot(x - a, y - b);
  });
  let rest = share * lengths.reduce((sum, it) => sum + it, 0);
  for (const [index, length] of lengths.entries()) {
    const [a, b] = path[index] as Point;
    const [x, y] = path[index + 1] as Point;
    if (rest <= length || index === lengths.length - 1) {
      const part = length ? Math.min(1, rest / length) : 1;
      return [a + (x - a) * part, b + (y - b) * part];
    }
    rest -= length;
  }
  return path.at(-1) as Point;
}

/** An idle timer as a ring: what is left of it, or that it stands still. */
function ring(
  on: CanvasRenderingContext2D,
  colours: Palette,
  [x, y]: Point,
  radius: number,
  share: number | null,
  thick: number,
): void {
  on.lineWidth = thick;
  on.lineCap = "round";
  on.strokeStyle = colours("track");
  on.beginPath();
  on.arc(x, y, radius, 0, 2 * Math.PI);
  on.stroke();
  if (share === null) return;
  on.strokeStyle = colours(share < 0.15 ? "alarm" : "timer");
  on.beginPath();
  on.arc(x, y, radius, -Math.PI / 2, -Math.PI / 2 + 2 * Math.PI * Math.max(0.004, share));
  on.stroke();
}

export interface Scene {
  recording: Recording;
  world: World;
  t: number;
  dots: Dot[];
  now: number;
}

export function paintDiagram(
  canvas: HTMLCanvasElement,
  shownWidth: number,
  shownHeight: number,
  { recording, world, t, dots, now }: Scene,
  colours: Palette,
  zoom: number,
): void {
  const on = sized(canvas, shownWidth, shownHeight);
  on.scale(zoom, zoom);
  const [width, height] = [shownWidth / zoom, shownHeight / zoom];
  const font = (size: number, weight = 400): void => {
    on.font = `${weight} ${size}px ${colours("font")}`;
  };
  const text = (words: string, [x, y]: Point, colour: string, most = 1e4): void => {
    on.fillStyle = colours(colour);
    let shown = words;
    while (most < 1e4 && shown.length > 3 && on.measureText(shown).width > most)
      shown = `${shown.slice(0, -2)}…`;
    on.fillText(shown, x, y);
  };
  on.textBaseline = "middle";
  const client = recording.variant.clients[0];
  const timer = world.timers.get(0);
  // Where there is little room, the ring alone stands above the groups.
  const isNarrow = width < 290;
  const side = Math.min(124, width * 0.3);
  const middle: Point = [width / 2, 58];
  const radius = 38;

  on.textAlign = "center";
  if (!isNarrow) paintEnds();
  function paintEnds(): void {
    on.strokeStyle = colours("edge");
    on.lineWidth = 1.5;
    on.beginPath();
    on.moveTo(side, middle[1]);
    on.lineTo(middle[0] - radius - 6, middle[1]);
    on.stroke();

    box(on, [1, 30], [side, 56], colours("card"), colours("edge"));
    box(on, [width - side - 1, 30], [side, 56], colours("card"), colours("edge"));
    on.textAlign = "center";
    font(12, 600);
    text("your program", [1 + side / 2, 50], "ink", side - 8);
    text("server", [width - 1 - side / 2, 50], "ink", side - 8);
    font(11);
    text((client?.title ?? "").replace(" Framework", ""), [1 + side / 2, 68], "quiet", side - 10);
    const key = recording.variant.servers[0]?.key ?? "";
    text(key.replace(/^https?:\/\//, ""), [width - 1 - side / 2, 68], "quiet", side - 10);
  }

  // The ServicePoint and its timer.
  const idle = client?.idle_time ?? null;
  const exists = world.servicePoints > 0 || client?.mechanism === "sockets";
  const owns = client?.timers === "service_point" || client?.timers === "group";
  const due = timer?.due ?? null;
  const left = due === null ? null : Math.max(0, due - t);
  const share = owns && left !== null && idle ? left / idle : null;
  on.globalAlpha = exists ? 1 : 0.35;
  ring(on, colours, middle, radius, exists ? share : null, 7);
  font(15, 700);
  if (!exists) {
    font(11);
    text(timer?.fired ? "gone" : "not there yet", middle, "quiet");
  } else if (!owns) {
    font(11);
    text(client?.timers === "sweep" ? "one pool" : "timers below", middle, "quiet");
  } else if (left !== null) {
    text(span(Math.round(left * 10) / 10), [middle[0], middle[1] - 5], "ink", 70);
    font(10);
    text("left", [middle[0], middle[1] + 11], "quiet", 70);
  } else {
    text("busy", [middle[0], middle[1] - 5], "ink");
    font(10);
    text("paused", [middle[0], middle[1] + 11], "quiet", 70);
  }
  on.globalAlpha = 1;
  font(12, 600);
  text(client?.mechanism === "sockets" ? "handler" : "ServicePoint", [middle[0], 9], "ink");
  if (owns && timer) {
    font(11);
    text(
      `restarted ${count(timer.restarted)} ×, fired ${count(timer.fired)} ×`,
      [middle[0], middle[1] + radius + 15],
      "quiet",
    );
  }

  // Groups, the newest last; more than fit are counted, and so are those that are but a name.
  const from = 132;
  const all = [...world.groups.values()].filter((it) => it.connections.size > 0);
  const names = world.groups.size - all.length;
  const rows = Math.max(1, Math.floor((height - from - 6) / ROW) - (names > 0 ? 1 : 0));
  const shown = all.length > rows ? all.slice(-(rows - 1 || 1)) : all;
  const hidden = all.length - shown.length;
  const places = new Map<string, Point>();
  const ports = new Map<string, Point>();
  on.textAlign = "left";
  let y = from;
  if (hidden > 0) {
    font(12);
    text(`… and ${counted(hidden, "older group")}`, [16, y + 12], "quiet", width - 30);
    y += ROW;
  }
  const nameWidth = Math.min(132, width * 0.42);
  for (const group of shown) {
    paintGroup(group, y);
    y += ROW;
  }
  font(12);
  if (names > 0) {
    on.textAlign = "left";
    text(
      `${counted(names, "group")} without a connection: only a name`,
      [16, y + 12],
      "quiet",
      width - 30,
    );
  } else if (all.length === 0) {
    on.textAlign = "center";
    text("no connection is open", [width / 2, from + 14], "quiet");
  }

  function paintGroup(group: Group, top: number): void {
    places.set(group.key, [16, top + 12]);
    on.textAlign = "left";
    const name =
      group.name === NONE ? "one pool for all" : (recording.columns.groups[group.name] ?? "");
    let x = 14;
    if (client?.timers === "group") {
      const rest = group.due === null ? null : Math.max(0, group.due - t);
      ring(on, colours, [x + 8, top + 12], 7.5, rest !== null && idle ? rest / idle : null, 3);
      x += 22;
    }
    font(12, 500);
    text(name === "(none)" ? "no name" : name, [x, top + 12], "ink", nameWidth - (x - 14));
    let at = 14 + nameWidth + 6;
    const wide = 56;
    const list = [...group.connections].map((it) => [it, world.connections.get(it)] as const);
    for (const [index, [id, connection]] of list.entries()) {
      if (!connection) continue;
      if (at + wide > width - 34 && index < list.length - 1) {
        font(11);
        text(`+${count(list.length - index)}`, [at, top + 12], "quiet");
        break;
      }
      paintPort(connection, [at, top], wide);
      ports.set(id, [at + wide / 2, top + 12]);
      at += wide + 6;
    }
  }

  function paintPort(connection: Connection, [x, top]: Point, wide: number): void {
    const state = STATES[connection.state];
    on.beginPath();
    on.roundRect(x, top + 2, wide, 20, 5);
    on.fillStyle = colours(state);
    on.fill();
    font(11, 600);
    on.textAlign = "center";
    text(String(connection.port), [x + wide / 2, top + 12.5], `on-${state}`);
    on.textAlign = "left";
  }

  // What is on its way.
  for (const dot of dots) {
    const age = (now - dot.born) / dot.life;
    if (age < 0 || age > 1) continue;
    const start: Point = [isNarrow ? 0 : side, middle[1]];
    const hub: Point = [middle[0] - radius, middle[1]];
    const port = ports.get(dot.connection) ?? [middle[0], from - 6];
    const end: Point = isNarrow ? [width, middle[1]] : [width - side / 2, 86];
    const way: Point[] =
      dot.kind === "out"
        ? [start, hub, port, end]
        : dot.kind === "back"
          ? [end, port, hub, start]
          : [start, hub];
    const [px, py] = along(way, dot.kind === "failed" ? Math.min(1, age * 2) : age);
    on.globalAlpha = dot.kind === "failed" && age > 0.7 ? (1 - age) / 0.3 : 1;
    on.fillStyle = colours(dot.kind === "failed" ? "alarm" : dot.kind === "back" ? "answer" : "s0");
    on.beginPath();
    on.arc(px, py, dot.kind === "failed" ? 6 : 4.5, 0, 2 * Math.PI);
    on.fill();
    on.globalAlpha = 1;
  }
  if (dots.some((it) => it.kind === "failed" && now - it.born < it.life)) {
    on.textAlign = "left";
    font(12, 700);
    text("10055: no free port", [8, 104], "alarm");
  }
}

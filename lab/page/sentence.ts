// One plain sentence about an event and its cause, and the rule behind it.
import rules from "../../docs/rules.md?raw";
import { type Event, NONE, type Recording } from "./recording";
import { count, span } from "./words";
import type { World } from "./world";

export interface Said {
  text: string;
  /** The id of the rule: SP-6. */
  rule: string;
  tone: "plain" | "good" | "bad";
}

/** The text of a rule, with its source, as `docs/rules.md` has it. */
export function ruleText(id: string): string {
  const start = rules.indexOf(`### ${id}\n`);
  if (start < 0) return "";
  const text = rules.slice(start + id.length + 5);
  return (text.split(/\n#{2,3} /)[0] ?? "").replaceAll("\n", " ").replace(/[*`]/g, "").trim();
}

/** Requests are counted from 1 for people. */
const number = (request: number): string => count(request + 1);

function times(value: number): string {
  return value === 1 ? "once" : `${count(value)} times`;
}

/** The request that an event of the same instant belongs to, looking back. */
function culprit(of: Recording, event: Event): number {
  const instant = of.instantOf(event.index);
  for (let index = event.index; index >= 0 && index > event.index - 12; index -= 1) {
    if (of.instantOf(index) !== instant) break;
    const request = of.number(index, 0);
    if (request !== NONE) return request;
  }
  return NONE;
}

/** Whether something befalls the same connection later in the same instant. */
function follows(of: Recording, event: Event, kind: string): boolean {
  const instant = of.instantOf(event.index);
  for (let index = event.index + 1; index < Math.min(of.length, event.index + 8); index += 1) {
    if (of.instantOf(index) !== instant) return false;
    if (of.kind(index) === kind && of.number(index, 1) === event.connection) return true;
  }
  return false;
}

/** What an event did, told with the world right behind it. */
export function say(of: Recording, event: Event, world: World): Said {
  const client = of.variant.clients[event.process % of.variant.clients.length];
  const idle = client?.idle_time ?? null;
  const failure = of.legend.failures[event.detail - 1];
  const name = (): string => {
    const text = of.columns.groups[event.group] ?? "";
    return text === "(none)" ? "the group without a name" : `group “${text}”`;
  };
  const plain = (text: string, rule: string): Said => ({ text, rule, tone: "plain" });
  const modern = client?.mechanism === "sockets";
  const by = culprit(of, event);
  switch (event.kind) {
    case "request_arrived":
    case "request_submitted":
      return plain(`The program makes request ${number(event.request)}.`, modern ? "NC-1" : "CG-4");
    case "request_queued":
      return plain(
        `Request ${number(event.request)} waits: every connection it may use is busy, and the limit${
          client?.limit ? ` of ${client.limit} per group` : ""
        } allows no other.`,
        "AS-2",
      );
    case "request_sent": {
      const connection = world.connections.get(`${event.process}/${event.connection}`);
      const again = (connection?.served ?? 0) > 0;
      return plain(
        again
          ? `Request ${number(event.request)} goes out on port ${event.port} again: the connection was idle and has served ${times(connection?.served ?? 0)} before. No new port is needed.`
          : `Request ${number(event.request)} goes out on port ${event.port}, on a connection of its own making.`,
        "AS-2",
      );
    }
    case "request_retried":
      return {
        text: `Request ${number(event.request)} failed (${failure?.name}); the program will try again in ${span(event.value)}.`,
        rule: "FL-1",
        tone: "bad",
      };
    case "request_ended":
      return failure
        ? {
            text: `Request ${number(event.request)} fails: ${failure.message || failure.name}.`,
            rule: failure.name === "Timeout" ? "TM-5" : "FL-1",
            tone: "bad",
          }
        : {
            text: `Request ${number(event.request)} is answered after ${span(event.value)}.${
              follows(of, event, "connection_became_idle")
                ? ` Its port ${event.port} is not given back: the connection is kept for the next request of ${name()}.`
                : follows(of, event, "connection_closed")
                  ? " Its connection is not kept, so it is closed."
                  : ""
            }`,
            rule: "CN-7",
            tone: "good",
          };
    case "connection_opened":
      return plain(
        `A new connection for ${name()} takes port ${event.port}${
          by === NONE ? "" : `, because request ${number(by)} finds no connection it may use there`
        }.`,
        "PT-2",
      );
    case "connect_refused":
      return {
        text: `There is no free port left, so the connect is refused${by === NONE ? "" : ` and request ${number(by)} fails`}.`,
        rule: "FL-1",
        tone: "bad",
      };
    case "snat_port_refused":
      return {
        text: "The NAT in front of the machine has no port left and drops the connect.",
        rule: "PT-2",
        tone: "bad",
      };
    case "connection_connected":
      return plain(`The server answers the connect on port ${event.port}.`, "PT-2");
    case "connection_became_idle":
      return plain(
        `Port ${event.port} has nothing to do now, and stays open for the next request of ${name()}.`,
        "CN-6",
      );
    case "server_closed_connection":
      return plain(
        `The server has closed port ${event.port}'s connection. The program does not notice: the port is still taken.`,
        "CN-11",
      );
    case "connection_closed":
      return plain(
        event.detail
          ? `The connection on port ${event.port} is cut off, and its port comes back.`
          : `The connection on port ${event.port} is closed after its last answer.`,
        event.detail ? "PT-4" : "CN-7",
      );
    case "port_held":
      return plain(
        `This side closed first, so port ${event.port} stays taken for ${span(of.variant.time_wait)} more: TIME_WAIT.`,
        "PT-3",
      );
    case "port_freed":
      return plain(`The TIME_WAIT of port ${event.port} is over: it is free again.`, "PT-3");
    case "group_created":
      return plain(
        modern
          ? `${name()} is only a name: modern .NET keeps one pool for all.`
          : `No group has this name yet, so ${name()} is made.`,
        modern ? "NC-1" : "CG-4",
      );
    case "group_released":
      return plain(
        `${name().replace(/^./, (c) => c.toUpperCase())} goes, with its connections.`,
        "CL-2",
      );
    case "service_point_created":
      return plain("The first request to this server makes its ServicePoint.", "SP-3");
    case "service_point_released":
      return plain(
        "The ServicePoint leaves the table; its groups and connections go with it.",
        "SP-8",
      );
    case "close_connection_group_called":
      return plain(
        `The program calls CloseConnectionGroup for ${name()}${event.detail ? "" : ", which is no longer there"}.`,
        "CL-2",
      );
    case "idle_timer_armed": {
      const whose = event.group === NONE ? "the ServicePoint's" : `${name()}'s`;
      const timer = world.timers.get(event.process);
      const story =
        event.group !== NONE || !timer || event.detail === 0
          ? ""
          : `; it has been restarted ${times(event.detail)} and has ${
              timer.fired ? `fired ${times(timer.fired)}` : "never fired"
            }`;
      return plain(
        by === NONE || event.detail === 0
          ? `${whose.replace(/^./, (c) => c.toUpperCase())} ${span(idle ?? 0)} timer starts${story}.`
          : `The end of request ${number(by)} restarts ${whose} ${span(idle ?? 0)} timer${story}.`,
        event.group === NONE ? "SP-6" : "CG-6",
      );
    }
    case "idle_timer_cancelled": {
      const whose = event.group === NONE ? "the ServicePoint's" : `${name()}'s`;
      return plain(
        `${by === NONE ? "A request" : `Request ${number(by)}`} stops ${whose} ${span(idle ?? 0)} timer before it can fire.`,
        event.group === NONE ? "SP-6" : "CG-6",
      );
    }
    case "idle_timer_fired":
      return {
        text:
          event.group === NONE
            ? `Nothing was busy for ${span(idle ?? 0)}: the ServicePoint's timer fires, and every group and port goes at once.`
            : `Nothing was busy in ${name()} for ${span(idle ?? 0)}: its own timer fires, and its ports come back.`,
        rule: event.group === NONE ? "SP-8" : "CG-6",
        tone: "good",
      };
    default:
      return plain(event.kind.replaceAll("_", " "), "");
  }
}

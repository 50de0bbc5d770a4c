// Nine lessons, one idea each: a guess is drawn, the run is laid over it, then it is explained.
import type { ComponentChildren } from "preact";
import { count, span } from "./words";

/** A number that a lesson claims; a test holds each to the engine. */
export interface Claim {
  strategy: string;
  at: number;
  field: "ports" | "failed" | "answered" | "groups" | "connections" | "free";
  value: number;
}

export function Claimed({ strategy, at, field, value }: Claim) {
  return (
    <b
      data-claim={field}
      data-claim-strategy={strategy}
      data-claim-at={at}
      data-claim-value={value}
    >
      {count(value)}
    </b>
  );
}

export interface Knob {
  label: string;
  /** What is set; `{}` in the value stands for the number. */
  key: string;
  template: string;
  unit: "s" | "/s" | "";
  min: number;
  max: number;
  step: number;
  initial: number;
}

export interface Choice {
  label: string;
  sets: [key: string, value: string][];
}

export interface Lesson {
  title: string;
  /** Half a sentence for the list. */
  hint: string;
  scenario: string;
  toml: string;
  /** Shown from the start; empty shows all. */
  strategies: string[];
  /** Where the axis of the guess ends. */
  top: number;
  intro: ComponentChildren;
  ask: string;
  explain: ComponentChildren;
  /** Which moments are worth a jump. */
  jumps: { label: string; t: number }[];
  knob?: Knob;
  choices?: Choice[];
  forecast?: boolean;
  prices?: boolean;
  code?: { strategy: string; line: string; price: string }[];
  /** Seconds of the clock on the wall that a run takes. */
  takes: number;
  notes: string;
}

const head = (title: string, duration: string): string => `title = "${title}"
duration = "${duration}"

[machine]
ports = "kb2551125"

[client.app]
runtime = "net40"
`;

export const LESSONS: Lesson[] = [
  {
    title: "One request",
    hint: "what a port is, and when it comes back",
    scenario: "lesson-1",
    toml: `${head("One request", "2min")}
[server.api]
uri = "http://api.example.com/"
connect-time = "1s"
response-time = "2s"

[workload.first]
arrivals = { every = "10min" }
group = "unique"

[[strategy]]
name = "one request"
`,
    strategies: [],
    top: 3,
    takes: 14,
    intro: (
      <>
        <p>
          Your program asks a web server for something. To get the answer back, the computer gives
          the conversation a number of its own: a <b>port</b>. There are only so many of them.
        </p>
        <p>
          Here is a program, in slow motion, that makes <b>a single request</b>. The server takes 1
          s to pick up and 2 s to answer.
        </p>
      </>
    ),
    ask: "How many ports are in use over the next two minutes? Draw it.",
    explain: (
      <>
        <p>
          Did yours go down at 3 s, when the answer was there? Nearly everybody's does. But at 60 s
          there is still <Claimed strategy="one request" at={60} field="ports" value={1} /> port in
          use.
        </p>
        <p>
          .NET keeps the connection, in case you ask again: that is quicker than calling anew.
          Something has to let go of it one day, and that is the <b>ring</b>. It belongs to the{" "}
          <b>ServicePoint</b>, .NET's desk for this server. When nothing has been busy for 100 s,
          the ring is empty and everything at the desk goes:{" "}
          <Claimed strategy="one request" at={104} field="ports" value={0} /> ports at 104 s.
        </p>
        <p class="aside">
          Step through it with <kbd>→</kbd>. There are not twenty events.
        </p>
      </>
    ),
    jumps: [
      { label: "answered", t: 3 },
      { label: "a minute in", t: 60 },
      { label: "the ring runs out", t: 103 },
    ],
    notes:
      "Ask the room for a show of hands before the run: does the port come back with the answer? Step with the arrow key, and stop at the moment the ring begins to run.",
  },
  {
    title: "The same name, or a new one",
    hint: "ten requests, one port or ten",
    scenario: "lesson-2",
    toml: `${head("Ten requests", "30s")}
[server.api]
uri = "http://api.example.com/"
response-time = "200ms"

[workload.asks]
arrivals = { every = "1s", until = "10s" }
group = "unique"

[[strategy]]
name = "the same name"
groups = 1

[[strategy]]
name = "a new name each time"
`,
    strategies: [],
    top: 12,
    takes: 10,
    intro: (
      <>
        <p>
          Now <b>ten requests</b>, one each second, answered in a fifth of a second. A kept
          connection is there for the next request to use.
        </p>
        <p>
          But a request may carry a name, its <code>ConnectionGroupName</code>, and it only ever
          uses connections of that name. One of these programs uses one name. The other makes up{" "}
          <b>a new name each time</b>.
        </p>
      </>
    ),
    ask: "How many ports does the one with new names need after ten requests?",
    explain: (
      <>
        <p>
          With one name, each request finds the connection of the one before:{" "}
          <Claimed strategy="the same name" at={20} field="ports" value={1} /> port does it all.
          With new names there is never one that fits. Ten names, ten <b>groups</b>, ten
          connections: <Claimed strategy="a new name each time" at={20} field="ports" value={10} />{" "}
          ports.
        </p>
        <p>
          Nine of those ten will never be used again. Nobody knows their names any more. They wait
          for the ring.
        </p>
      </>
    ),
    jumps: [
      { label: "second request", t: 1 },
      { label: "after all ten", t: 12 },
    ],
    notes:
      "Let somebody say why the name is there at all: to keep the conversations of different users apart. Then ask what “different users” means in a program that makes up a name per call.",
  },
  {
    title: "The trickle",
    hint: "six requests a minute, and a ring that never runs out",
    scenario: "lesson-3",
    toml: `${head("The trickle", "20min")}
[server.api]
uri = "http://api.example.com/"
response-time = "500ms"

[workload.heartbeat]
arrivals = { every = "10s" }
group = "unique"

[[strategy]]
name = ".NET 4.0"

[[strategy]]
name = ".NET 4.8"
runtime = "net48"
`,
    strategies: [],
    top: 140,
    takes: 16,
    intro: (
      <>
        <p>
          New names again, but only <b>one request every 10 s</b>. The ring lasts 100 s. Surely that
          is slow enough?
        </p>
        <p>Two versions of .NET run side by side on the very same requests.</p>
      </>
    ),
    ask: "Twenty minutes of this. What do the ports of .NET 4.0 do?",
    explain: (
      <>
        <p>
          In .NET 2.0 to 4.0 there is <b>one ring for the whole ServicePoint</b>, and each request
          fills it again, whatever its name. It never gets to the end, so not one port comes back:{" "}
          <Claimed strategy=".NET 4.0" at={1195} field="ports" value={120} /> after 20 minutes, and
          counting. This can go on for hours before anybody notices.
        </p>
        <p>
          .NET 4.8 has <b>a small ring for each group</b>. A group that nobody asks for runs out by
          itself: <Claimed strategy=".NET 4.8" at={1195} field="ports" value={10} /> ports, for
          ever.
        </p>
        <p>
          <b>Quiz.</b> What if the requests come every 99 s? Every 101 s? Try both below.
        </p>
      </>
    ),
    jumps: [
      { label: "second request", t: 10 },
      { label: "after 2 min", t: 120 },
      { label: "the end", t: 1200 },
    ],
    knob: {
      label: "a request every",
      key: "workload.heartbeat.arrivals",
      template: '{ every = "{}s" }',
      unit: "s",
      min: 5,
      max: 120,
      step: 1,
      initial: 10,
    },
    choices: [
      { label: "every 99 s", sets: [["workload.heartbeat.arrivals", '{ every = "99s" }']] },
      { label: "every 101 s", sets: [["workload.heartbeat.arrivals", '{ every = "101s" }']] },
      { label: "every 10 s", sets: [] },
    ],
    notes:
      "The jump from 99 to 101 s is the whole article in one move: below the idle time everything leaks, above it nothing does. Let them find the edge with the slider.",
  },
  {
    title: "The crowd",
    hint: "50 requests a second against 5,000 ports",
    scenario: "kb2551125",
    toml: "",
    strategies: ["as is"],
    top: 5300,
    takes: 14,
    forecast: true,
    intro: (
      <>
        <p>
          The same program in production: <b>50 requests a second</b>, each with a new name. The
          machine has <b>5,000 ports</b>. The load stops after three minutes.
        </p>
        <p>You can work this one out on paper: 5,000 ÷ 50 = 100. The dashed line does just that.</p>
      </>
    ),
    ask: "Draw the ports over five minutes.",
    explain: (
      <>
        <p>
          At 98 s there are still <Claimed strategy="as is" at={98} field="free" value={15} /> free
          ports. At 99 s there is none, and requests begin to fail: error 10055, “no buffer space”.
          It is not memory that is missing. It is numbers. By the end{" "}
          <Claimed strategy="as is" at={300} field="failed" value={4031} /> requests have failed.
        </p>
        <p>
          Why not exactly at 100 s? Because real requests do not come like a clock: 50 a second is
          only their average. The 5,000th comes at 100 s, give or take 1.4 s. Roll the dice again
          below.
        </p>
      </>
    ),
    jumps: [
      { label: "half full", t: 50 },
      { label: "out of ports", t: 98.385318705 },
      { label: "load stops", t: 180 },
    ],
    choices: [
      { label: "other dice", sets: [["seed", "2"]] },
      { label: "and again", sets: [["seed", "3"]] },
      {
        label: "like a clock",
        sets: [["workload.orders.arrivals", '{ every = "20ms", until = "3min" }']],
      },
      { label: "as before", sets: [] },
    ],
    notes:
      "The standard deviation of the time of the 5,000th Poisson arrival is √5000 ÷ 50 = 1.4 s. With evenly spaced requests it is 100 s to the millisecond; show that last.",
  },
  {
    title: "The load stops",
    hint: "when do the ports come back?",
    scenario: "kb2551125",
    toml: "",
    strategies: ["as is"],
    top: 5300,
    takes: 14,
    intro: (
      <>
        <p>
          All ports are taken, users are angry, and somebody pulls the plug: from 3 min on there is{" "}
          <b>no request at all</b>.
        </p>
        <p>Every connection is idle now. Nothing needs those 5,000 ports any more.</p>
      </>
    ),
    ask: "When do they come back, and how: one by one, or at once? Draw it.",
    explain: (
      <>
        <p>
          Nothing happens for 100 s. At 279 s there are still{" "}
          <Claimed strategy="as is" at={279} field="ports" value={5000} /> ports in use. Then the
          one ring runs out, and at 281 s there are{" "}
          <Claimed strategy="as is" at={281} field="ports" value={0} />.
        </p>
        <p>
          That cliff is the signature of this problem. If a machine gets well only after it has been
          left completely alone for 100 s, think of one ring for everything. And mind the failed
          requests: even they fill the ring again.
        </p>
      </>
    ),
    jumps: [
      { label: "load stops", t: 180 },
      { label: "a minute later", t: 240 },
      { label: "the cliff", t: 280 },
    ],
    choices: [
      { label: "idle time 20 s", sets: [["client.app.max-idle-time", "20s"]] },
      { label: "the same on 4.8", sets: [["client.app.runtime", "net48"]] },
      { label: "as before", sets: [] },
    ],
    notes:
      "Operators often report that “a restart helps” or “it is fine after lunch”. This is why. With 4.8 the fall is a slope, because each group lets go by itself.",
  },
  {
    title: "Three remedies",
    hint: "all three work, and none is free",
    scenario: "kb2551125",
    toml: "",
    strategies: [],
    top: 5300,
    takes: 14,
    prices: true,
    intro: (
      <>
        <p>Microsoft's article names three ways out. Each is one line of C#:</p>
        <ul>
          <li>
            use <b>only 16 names</b>, over and over
          </li>
          <li>
            do <b>not keep</b> connections at all
          </li>
          <li>
            <b>throw the groups away</b> every 30 s
          </li>
        </ul>
      </>
    ),
    ask: "Pick the one you like and draw its ports.",
    explain: (
      <>
        <p>
          All three hold. Look at what they <b>cost</b>, though. Sixteen names need 32 ports at
          most, for every group may have two connections, and they open only 32 connections. The
          other two open a new one for each request:{" "}
          <Claimed strategy="keep-alive off" at={300} field="answered" value={9031} /> answers,
          9,031 connections.
        </p>
        <p>
          Throwing groups away lets{" "}
          <Claimed strategy="close groups every 30 s" at={59.9} field="ports" value={1538} /> ports
          pile up in between. At three times the load it would not be enough.
        </p>
      </>
    ),
    code: [
      {
        strategy: "16 groups",
        line: 'request.ConnectionGroupName = "g" + n++ % 16;',
        price: "names must be chosen with care",
      },
      {
        strategy: "keep-alive off",
        line: "request.KeepAlive = false;",
        price: "a new connection per request",
      },
      {
        strategy: "close groups every 30 s",
        line: "servicePoint.CloseConnectionGroup(name);",
        price: "the program has to remember names",
      },
    ],
    jumps: [
      { label: "out of ports", t: 98.385318705 },
      { label: "before the groups go", t: 119.9 },
      { label: "the end", t: 300 },
    ],
    choices: [
      {
        label: "three times the load",
        sets: [["workload.orders.arrivals", '{ poisson = { rate = 150 }, until = "3min" }']],
      },
      { label: "as before", sets: [] },
    ],
    notes:
      "Let the class vote for a remedy before the price table is shown, and vote again after it. Then triple the load.",
  },
  {
    title: "TIME_WAIT",
    hint: "the remedy that runs out of ports itself",
    scenario: "keep-alive-off-time-wait",
    toml: "",
    strategies: ["as is"],
    top: 4300,
    takes: 14,
    intro: (
      <>
        <p>
          “Do not keep connections” looked so tidy. But whoever says goodbye <b>first</b> must keep
          the line open for a while, in case something is still on its way. For the computer that
          closes first, the port stays taken: <b>TIME_WAIT</b>, 240 s on this Windows.
        </p>
        <p>Here the client closes first. 20 requests a second, 3,976 ports, no connection kept.</p>
      </>
    ),
    ask: "3,976 ports, each held for 240 s. Does it hold?",
    explain: (
      <>
        <p>
          3,976 ÷ 240 s = 16.6. That many requests a second fit through, and no more. At 20 it is
          over at 196 s, and at the end of ten minutes{" "}
          <Claimed strategy="as is" at={600} field="failed" value={1753} /> requests have failed.
          Look at the ports below: hardly one is in a conversation. They are all just waiting.
        </p>
        <p>
          After 240 s the first ones come back, at the rate at which they went: from then on it is a{" "}
          <b>ceiling</b>, not a leak. Let the server close first, and the client has none of this.
        </p>
      </>
    ),
    jumps: [
      { label: "out of ports", t: 195.656222931 },
      { label: "first ones back", t: 241 },
      { label: "the end", t: 600 },
    ],
    choices: [
      { label: "server closes first", sets: [["server.api.active-close", "server"]] },
      {
        label: "16 requests/s",
        sets: [["workload.orders.arrivals", "{ poisson = { rate = 16 } }"]],
      },
      { label: "as before", sets: [] },
    ],
    notes:
      "The ceiling P ÷ T is worth writing on the board. The choice “16 requests/s” lies just below it: 16.6.",
  },
  {
    title: "Which .NET?",
    hint: "one program, four ways to run it",
    scenario: "lesson-8",
    toml: `title = "One program on three runtimes"
duration = "6min"

[machine]
ports = "windows-2003"
time-wait = "120s"

[client.app]
runtime = "net40"

[server.api]
uri = "http://api.example.com/"
connect-time = "5ms"
response-time = { exponential = { mean = "100ms" } }

[workload.orders]
arrivals = { poisson = { rate = 30 }, until = "3min" }
group = "unique"

[[strategy]]
name = ".NET 4.0"

[[strategy]]
name = ".NET 4.8"
runtime = "net48"

[[strategy]]
name = ".NET 8"
runtime = "net8"

[[strategy]]
name = ".NET 8, a client each"
runtime = "net8"
client-per-request = true
`,
    strategies: [],
    top: 4300,
    takes: 14,
    intro: (
      <>
        <p>
          The same source code, 30 requests a second, a new name for each, three minutes long, run
          on .NET 4.0, on 4.8 and on .NET 8.
        </p>
      </>
    ),
    ask: "Draw the one you run in production.",
    explain: (
      <>
        <p>
          4.0 climbs until all 3,976 ports are gone. 4.8 climbs too, but each small ring takes back
          what is 100 s old: a <b>plateau</b> at about 30 × 100 = 3,000 ports. Safe here. Not with
          40 requests a second.
        </p>
        <p>
          .NET 8 does not know groups any more: the name is accepted and ignored, and all requests
          share <b>one pool</b>. At 170 s it has failed{" "}
          <Claimed strategy=".NET 8" at={170} field="failed" value={0} /> requests, with a handful
          of ports. Unless each request brings a client of its own: then every connection is closed
          after one answer, and the brown of TIME_WAIT is back.
        </p>
      </>
    ),
    jumps: [
      { label: "100 s", t: 100 },
      { label: "the plateau", t: 170 },
      { label: "load stops", t: 180 },
    ],
    choices: [
      {
        label: "40 requests/s",
        sets: [["workload.orders.arrivals", '{ poisson = { rate = 40 }, until = "3min" }']],
      },
      { label: "as before", sets: [] },
    ],
    notes:
      "“We are on 4.8, so it cannot be this” is half right. The plateau is rate × 100 s; compare it with the ports of the machine.",
  },
  {
    title: "The sandbox",
    hint: "everything is yours",
    scenario: "kb2551125",
    toml: "",
    strategies: ["as is"],
    top: 5300,
    takes: 20,
    intro: (
      <p>
        Break it and mend it. Whatever you set, the command line gives the same numbers, and the
        link carries it all.
      </p>
    ),
    ask: "",
    explain: null,
    jumps: [],
    notes: "Give each group of students a production story, and let them send you a link.",
  },
];

/** The words of the lessons, for whoever translates them. */
export const WORDS: [english: string, meaning: string][] = [
  ["port", "one of a few thousand numbers of this computer; a conversation needs one of its own"],
  ["connection", "a conversation with a server; it may carry many requests, one after the other"],
  ["request", "one question to a server, and its answer"],
  ["group", "connections under one ConnectionGroupName; a request only uses those of its name"],
  ["ServicePoint", "what .NET keeps for one server: groups, connections, the idle timer"],
  ["idle time, the ring", "how long nothing may be busy before what is kept is let go: 100 s"],
  [
    "TIME_WAIT",
    `how long a port stays taken for whoever closed first: ${span(240)} on old Windows`,
  ],
  ["leak", "more is taken than ever comes back"],
  ["plateau", "as much comes back as is taken: it stays level"],
];

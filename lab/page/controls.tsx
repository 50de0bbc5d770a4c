// The settings of the sandbox: each is a key of the scenario, set as `--set` sets it.
import { useEffect, useState } from "preact/hooks";
import type { Variant } from "./engine";
import type { Lab } from "./lab";
import { Sample } from "./looks";

const RUNTIMES = [
  "net20",
  "net40",
  "net45",
  "net48",
  "mono4",
  "mono6",
  "netcore31",
  "net8",
  "net9",
];
const PORTS = ["kb2551125", "windows-2003", "windows", "linux", "azure-app-service"];

interface Setting {
  label: string;
  key: string;
  /** Which values there are to choose from; none: it is typed. */
  values?: [label: string, value: string][];
  hint?: string;
  /** The line of code or configuration that this is in a program. */
  line?: (value: string) => string;
}

function settingsOf(facts: Variant): Setting[] {
  const client = facts.clients[0]?.name ?? "app";
  const server = facts.servers[0]?.name ?? "api";
  const workload = facts.workloads[0]?.name ?? "orders";
  const plain = (values: string[]): [string, string][] => values.map((it) => [it, it]);
  return [
    { label: "runtime", key: `client.${client}.runtime`, values: plain(RUNTIMES) },
    {
      label: "requests per second",
      key: `workload.${workload}.arrivals`,
      values: [1, 10, 20, 50, 100, 200, 500, 1000].map((it) => [
        `${it}, at random`,
        `{ poisson = { rate = ${it} } }`,
      ]),
      hint: '{ every = "20ms" }',
    },
    {
      label: "names",
      key: `workload.${workload}.group`,
      values: [
        ["none", '"none"'],
        ["a new one each time", '"unique"'],
        ["16 in turn", "{ pool = 16 }"],
        ["200 in turn", "{ pool = 200 }"],
      ],
      line: () => "request.ConnectionGroupName = …;",
    },
    { label: "response time", key: `server.${server}.response-time`, hint: "100ms" },
    {
      label: "idle time",
      key: `client.${client}.max-idle-time`,
      hint: "100s",
      line: (value) => `ServicePointManager.MaxServicePointIdleTime = /* ${value} */ …;`,
    },
    {
      label: "ports",
      key: "machine.ports",
      values: plain(PORTS),
      hint: "5000",
      line: () => "netsh int ipv4 set dynamicport tcp start=… num=…",
    },
    { label: "TIME_WAIT", key: "machine.time-wait", hint: "240s" },
    {
      label: "who closes first",
      key: `server.${server}.active-close`,
      values: [
        ["the server", "server"],
        ["the client", "client"],
      ],
    },
    {
      label: "keep connections",
      key: `workload.${workload}.keep-alive`,
      values: [
        ["yes", "true"],
        ["no", "false"],
      ],
      line: (value) => `request.KeepAlive = ${value};`,
    },
    {
      label: "connections per group",
      key: `client.${client}.connection-limit`,
      hint: "2",
      line: (value) => `ServicePointManager.DefaultConnectionLimit = ${value};`,
    },
    { label: "simulated time", key: "duration", hint: "5min" },
    { label: "dice", key: "seed", hint: "1" },
  ];
}

function Field({ lab, setting }: { lab: Lab; setting: Setting }) {
  const set = lab.question.sets.find(([key]) => key === setting.key)?.[1] ?? "";
  const [text, setText] = useState(set);
  useEffect(() => setText(set), [set]);
  const put = (value: string): void => void lab.set([[setting.key, value === "" ? null : value]]);
  const known = setting.values?.some(([, value]) => value === set) ?? false;
  const id = `set-${setting.key}`;
  return (
    <div class={`setting ${set ? "changed" : ""}`} title={setting.key}>
      <label for={id}>{setting.label}</label>
      {setting.values ? (
        <select
          id={id}
          value={set}
          data-key={setting.key}
          onChange={(event) => put(event.currentTarget.value)}
        >
          <option value="">as written</option>
          {set && !known && <option value={set}>{set}</option>}
          {setting.values.map(([label, value]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      ) : (
        <input
          id={id}
          placeholder={setting.hint}
          data-key={setting.key}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onChange={(event) => put(event.currentTarget.value.trim())}
        />
      )}
      {set && setting.line && <code>{setting.line(set)}</code>}
    </div>
  );
}

export function Controls({ lab }: { lab: Lab }) {
  const facts = lab.facts;
  if (!facts) return null;
  const first = facts.strategies[0];
  return (
    <div class="controls">
      <label>
        <span>scenario</span>
        <select
          value={lab.question.toml ? "" : lab.question.name}
          data-key="scenario"
          onChange={(event) => void lab.choose(event.currentTarget.value)}
        >
          {lab.question.toml && <option value="">your own</option>}
          {lab.listed?.scenarios.map((it) => (
            <option key={it.name} value={it.name}>
              {it.name}
            </option>
          ))}
        </select>
      </label>
      <p class="question">{facts.question}</p>
      <fieldset>
        <legend>shown, up to four</legend>
        {facts.strategies.map((it) => {
          const index = lab.shown.indexOf(it.name);
          return (
            <label key={it.name} class="check">
              <input
                type="checkbox"
                checked={index >= 0}
                disabled={
                  (index >= 0 && lab.shown.length === 1) || (index < 0 && lab.shown.length >= 4)
                }
                onChange={() =>
                  void lab.show(
                    index >= 0
                      ? lab.shown.filter((name) => name !== it.name)
                      : [...lab.shown, it.name],
                  )
                }
              />
              {index >= 0 && <Sample index={index} />}
              {it.name}
            </label>
          );
        })}
      </fieldset>
      <div class="settings">
        {first &&
          settingsOf(first).map((setting) => (
            <Field key={setting.key} lab={lab} setting={setting} />
          ))}
      </div>
      <p class="row">
        <button type="button" onClick={() => lab.put({ editing: true })}>
          Edit the scenario
        </button>
        <button
          type="button"
          disabled={!lab.question.sets.length}
          onClick={() => void lab.setAll([])}
        >
          As written
        </button>
      </p>
      {facts.warnings.map((it) => (
        <p key={it.message} class="warning">
          {it.message}
        </p>
      ))}
    </div>
  );
}

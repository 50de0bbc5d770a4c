// The numbers of an instant, as a table.
import { lookOf, Sample } from "./looks";
import type { Series } from "./series";
import { clock, count, stateName } from "./words";

interface Props {
  series: readonly Series[];
  /** The place of each among all, which gives its colour. */
  places: readonly number[];
  t: number;
  /** Names of counts; `time` is the instant. */
  columns: readonly string[];
}

export function Numbers({ series, places, t, columns }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section class="numbers" aria-label="The numbers" tabIndex={0}>
      <table>
        <caption class="unseen">The counts at {clock(t)}</caption>
        <thead>
          <tr>
            <th scope="col">run</th>
            {columns.map((name) => (
              <th key={name} scope="col">
                {stateName(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {series.map((of, index) => {
            const counts = of.counts(t);
            const value = (name: string): number => (name === "time" ? t : (counts[name] ?? 0));
            return (
              <tr key={of.name} class={lookOf(places[index] ?? index).name}>
                <th scope="row">
                  <Sample index={places[index] ?? index} /> {of.name}
                </th>
                {columns.map((name) => (
                  <td
                    key={name}
                    class={name === "failed" && value(name) > 0 ? "alarm" : ""}
                    data-readout={name}
                    data-value={value(name)}
                    data-strategy={of.name}
                  >
                    {name === "time" ? clock(t) : count(value(name))}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

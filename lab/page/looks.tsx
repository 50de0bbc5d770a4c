// How a strategy's line looks, the same in every picture of spsim.
import LOOKS from "virtual:looks";

export interface Look {
  /** The class that gives its colour. */
  name: string;
  dash: string;
  width: number;
}

/** The look of the line at `index`: from the ninth on colours come again, with other dashes. */
export function lookOf(index: number): Look {
  const number = LOOKS.length;
  const [, width] = LOOKS[index % number] ?? ["", 2];
  const [dash] = LOOKS[(index + 3 * Math.floor(index / number)) % number] ?? ["", 2];
  return { name: `line-${index % number}`, dash, width };
}

/** A short piece of the line. */
export function Sample({ index }: { index: number }) {
  const { name, dash, width } = lookOf(index);
  return (
    <svg class={`sample ${name}`} viewBox="0 0 30 10" aria-hidden="true">
      <path class="curve" d="M0 5H30" stroke-width={width} stroke-dasharray={dash} />
    </svg>
  );
}

// The colours of the page's theme, for what is painted on a canvas.

/** The value of a custom property, by its name. */
export type Palette = (name: string) => string;

let [cachedFor, cached]: [string | undefined, Palette] = ["", () => ""];

/** The colours of the theme that the page's `data-theme` names. */
export function palette(): Palette {
  const { theme } = document.documentElement.dataset;
  if (theme !== cachedFor) [cachedFor, cached] = [theme, fresh()];
  return cached;
}

function fresh(): Palette {
  const style = getComputedStyle(document.documentElement);
  const known = new Map<string, string>();
  return (name) => {
    let value = known.get(name);
    if (value === undefined) {
      value = style.getPropertyValue(`--${name}`).trim();
      known.set(name, value);
    }
    return value;
  };
}

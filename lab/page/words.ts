// Numbers and times as people read them.

/** `12,345`. */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A port's state as netstat's users know it. */
export function stateName(state: string): string {
  return state.endsWith("_wait") ? state.toUpperCase() : state;
}

const trim = (value: number, digits: number): string => String(Number(value.toFixed(digits)));

/** `98.3 s`, `4 min 40 s`, `2 h 5 min`, `250 ms`. */
export function span(seconds: number): string {
  const whole = Math.abs(seconds);
  if (whole >= 3600) {
    const minutes = Math.round(seconds / 60);
    return `${Math.floor(minutes / 60)} h${minutes % 60 ? ` ${minutes % 60} min` : ""}`;
  }
  if (whole >= 120) {
    const rounded = Math.round(seconds);
    return `${Math.floor(rounded / 60)} min${rounded % 60 ? ` ${rounded % 60} s` : ""}`;
  }
  if (whole >= 10) return `${trim(seconds, 1)} s`;
  if (whole >= 1) return `${trim(seconds, 2)} s`;
  return seconds === 0 ? "0 s" : `${trim(seconds * 1000, 1)} ms`;
}

/** A clock that does not jump about: `1:40.0`. */
export function clock(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = (seconds % 60).toFixed(seconds < 60 ? 2 : 1).padStart(seconds < 60 ? 5 : 4, "0");
  const two = (value: number): string => String(value).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** Round whole values for an axis from 0 to `most`, about so many. */
export function ticks(most: number, about: number): number[] {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, most / about)));
  const step = [1, 2, 5].map((it) => it * power).find((it) => most / it <= about) ?? 10 * power;
  return upTo(most, step);
}

function upTo(most: number, step: number): number[] {
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, index) => index * step);
}

/** The same for times. */
export function timeTicks(most: number, about: number): number[] {
  const steps = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 86400,
  ];
  const rough = steps.find((it) => most / it <= about) ?? 86400;
  return upTo(most, most < 3 ? most / 2 : rough);
}

export function tick(seconds: number): string {
  if (seconds === 0) return "0";
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  if (seconds % 60 === 0) return `${seconds / 60} min`;
  return seconds > 60 ? clock(seconds).replace(/\.0$/, "") : `${trim(seconds, 2)} s`;
}

// The state in the address: `#scenario=NAME&strategy=NAME&t=SECONDS&set=KEY=VALUE`, `#lesson=N`.

export interface Link {
  lesson: number | null;
  scenario: string | null;
  /** A scenario of one's own. */
  toml: string;
  /** Names of strategies, those that are shown. */
  strategies: string[];
  t: number | null;
  sets: [key: string, value: string][];
}

/** What of a fragment could not be understood, in words. */
export type Complaint = string;

const LONGEST = 60_000;

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return null;
  }
}

/** Whatever the fragment is, there is a link; what makes no sense in it is told. */
export function read(fragment: string): { link: Link; complaints: Complaint[] } {
  const link: Link = { lesson: null, scenario: null, toml: "", strategies: [], t: null, sets: [] };
  const complaints: Complaint[] = [];
  const text = fragment.replace(/^#/, "");
  if (text.length > LONGEST) return { link, complaints: ["the link is too long to be read"] };
  for (const part of text.split("&")) {
    if (!part) continue;
    const at = part.indexOf("=");
    const key = decoded(at < 0 ? part : part.slice(0, at));
    const value = at < 0 ? "" : decoded(part.slice(at + 1));
    const shown = part.length > 40 ? `${part.slice(0, 40)}…` : part;
    if (key === null || value === null || value.includes("\0")) {
      complaints.push(`“${shown}” cannot be read`);
      continue;
    }
    switch (key) {
      case "lesson": {
        const lesson = Number(value);
        if (Number.isInteger(lesson) && lesson >= 1 && lesson <= 9) link.lesson = lesson;
        else complaints.push(`there is no lesson “${value.slice(0, 20)}”, only 1 to 9`);
        break;
      }
      case "scenario":
        link.scenario = value;
        break;
      case "toml":
        link.toml = value;
        break;
      case "strategy":
        link.strategies.push(value);
        break;
      case "t": {
        const t = Number(value);
        if (value.trim() !== "" && Number.isFinite(t) && t >= 0) link.t = t;
        else complaints.push(`“${value.slice(0, 20)}” is no time in seconds`);
        break;
      }
      case "set": {
        const equals = value.indexOf("=");
        if (equals > 0) link.sets.push([value.slice(0, equals), value.slice(equals + 1)]);
        else complaints.push(`“${shown}” sets nothing; it is set=KEY=VALUE`);
        break;
      }
      default:
        complaints.push(`“${key.slice(0, 20)}” means nothing in a link`);
    }
  }
  return { link, complaints };
}

/** The fragment; `first` stands before what the link says. */
export function write(link: Link, first: string[] = []): string {
  const part = (key: string, value: string): string => `${key}=${encodeURIComponent(value)}`;
  const parts = [...first];
  if (link.lesson) parts.push(part("lesson", String(link.lesson)));
  else if (link.scenario) parts.push(part("scenario", link.scenario));
  if (link.toml) parts.push(part("toml", link.toml));
  parts.push(...link.strategies.map((it) => part("strategy", it)));
  if (link.t !== null) parts.push(part("t", String(Number(link.t.toFixed(9)))));
  parts.push(...link.sets.map(([key, value]) => `set=${encodeURIComponent(`${key}=${value}`)}`));
  return `#${parts.join("&")}`;
}

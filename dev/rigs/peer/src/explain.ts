// A score in words.

import type { Basis, Format } from "./videos.js";

export interface Component {
  n: number;
  m: number;
  s_raw: number;
  s: number;
  r: number;
  z: number;
}

export interface Components {
  reach: Component;
  velocity: Component | null;
  engagement: Component | null;
  retention: Component | null;
}

export interface Measures {
  views: number;
  gained: number | null;
  interactions: number | null;
  viewed_percent: number | null;
}

export interface Scored {
  n: number;
  multiplier: number;
  raw_multiplier: number;
  confidence: number;
  label: string;
  basis: Basis;
  checkpoint_hours: number | null;
  format: Format | null;
}

const VERDICTS: Record<string, string> = {
  outlier: "an outlier",
  above: "above the usual range",
  below: "below the usual range",
  provisional: "a first impression only",
};

export function summary(score: Scored, components: Components, measures: Measures): string {
  const verdict = VERDICTS[score.label] ?? "within the usual range";
  const what = score.basis === "engaged_views" ? "engaged views" : "views";
  const when = score.checkpoint_hours === null ? "" : ` ${age(score.checkpoint_hours)} after publication`;
  const usual = number(Math.expm1(components.reach.m));
  return (
    `${multiple(score.multiplier)}: ${verdict}. ${number(measures.views)} ${what}${when} against ${usual} for the ` +
    `channel's last ${score.n} ${videos(score.format, score.n)}.`
  );
}

export function reasons(score: Scored, components: Components, measures: Measures): string[] {
  const found: string[] = [];
  if (Math.abs(score.multiplier - score.raw_multiplier) > 0.05 * score.raw_multiplier) {
    found.push(
      `The plain multiple is ${multiple(score.raw_multiplier)}; with ${score.n} videos to compare with it is pulled toward 1×.`,
    );
  }
  const { velocity, engagement, retention } = components;
  if (velocity) {
    found.push(
      `It gained ${number(Math.max(measures.gained ?? 0, 0))} views since the checkpoint before, ` +
        `${compared(velocity, "more", "fewer")} (${number(Math.expm1(velocity.m))} is usual).`,
    );
  }
  if (engagement) {
    const usual = percent(Math.exp(engagement.m));
    found.push(
      measures.interactions !== null && measures.views > 0
        ? `Likes and comments came to ${percent(measures.interactions / measures.views)} per 100 views, ` +
            `${compared(engagement, "more", "fewer")} (${usual} is usual).`
        : `Nobody has watched it, so likes and comments say nothing (${usual} per 100 views is usual).`,
    );
  }
  if (retention && measures.viewed_percent !== null) {
    found.push(
      `People watched ${measures.viewed_percent.toFixed(0)} % of it on average, ` +
        `${compared(retention, "more", "less")} (${retention.m.toFixed(0)} % is usual).`,
    );
  }
  const level = score.confidence >= 0.6 ? "high" : score.confidence >= 0.35 ? "medium" : "low";
  found.push(
    `Confidence is ${level} (${score.confidence.toFixed(2)}): ${score.n} ${score.n === 1 ? "video" : "videos"} ` +
      `to compare with${score.n < 5 ? ", too few for a label" : ""}.`,
  );
  return found;
}

export function withheld(reason: string, n: number): string | null {
  switch (reason) {
    case "too_recent":
      return "Too recent: a video is compared from its first checkpoint on (1 hour), by totals once it is 30 days old.";
    case "too_few":
      return `Not enough to compare with: ${n} of the 3 earlier videos needed within 365 days.`;
    case "unknown_format":
      return "YouTube has not said yet whether it is a Short, a long video or a live stream, and they are never mixed.";
    case "not_measured":
      return (
        "It was not measured close enough to an age at which videos are compared, or views were counted in two ways in " +
        "between."
      );
    default:
      return null;
  }
}

function multiple(value: number): string {
  const decimals = value >= 10 ? 0 : value >= 0.1 ? 1 : value >= 0.01 ? 2 : 4;
  return `${value.toFixed(decimals)}×`;
}

function percent(rate: number): string {
  const value = 100 * rate;
  return value >= 1 || value === 0 ? value.toFixed(1) : value.toFixed(3);
}

function age(hours: number): string {
  if (hours === 1) {
    return "1 hour";
  }
  return hours % 24 === 0 && hours > 48 ? `${hours / 24} days` : `${hours} hours`;
}

function number(value: number): string {
  return Math.max(value, 0)
    .toFixed(0)
    .replace(/\B(?=(\d{3})+$)/g, ",");
}

function compared({ z }: Component, more: string, less: string): string {
  if (z >= 1.645) return `far ${more} than usual`;
  if (z >= 0.674) return `${more} than usual`;
  if (z <= -1.645) return `far ${less} than usual`;
  if (z <= -0.674) return `${less} than usual`;
  return "about as usual";
}

function videos(format: Format | null, n: number): string {
  const names = { short: "Short", long: "long video", live: "live stream" };
  const name = format ? names[format] : "video";
  return n === 1 ? name : `${name}s`;
}

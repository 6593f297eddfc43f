// Videos with their scores as the API shows them.

export const NOTICE = "Content Catalyst score, not a YouTube metric";

export type Format = "short" | "long" | "live";
export type Basis = "lifetime" | "public_views" | "engaged_views";

export interface Row {
  id: string;
  channel_id: string;
  youtube_video_id: string;
  title: string;
  format: Format | null;
  privacy: string | null;
  published_at: string | null;
  duration_seconds: number | null;
  thumbnail_url: string | null;
  views: number | null;
  likes: number | null;
  comments: number | null;
  average_view_percentage: number | null;
  counted_at: string | null;
  gone_at: string | null;
  model_version: string | null;
  basis: Basis | null;
  checkpoint_hours: number | null;
  label: string | null;
  withheld: string | null;
  n: number | null;
  score: number | null;
  multiplier: number | null;
  raw_multiplier: number | null;
  z_total: number | null;
  confidence: number | null;
  confidence_level: string | null;
  scored_at: string | null;
  scores_shown: boolean;
}

const INSTANT = /^(.+T\d\d:\d\d:\d\d)(?:(\.\d*[1-9])|\.)?0*\+00:00$/;

/** The API writes `Z` and no zeros at the end. `Date` would lose the microseconds. */
export const instant = (text: string | null) => text && text.replace(INSTANT, "$1$2Z");

export function video(row: Row) {
  return {
    id: row.id,
    channel_id: row.channel_id,
    youtube_video_id: row.youtube_video_id,
    title: row.title,
    format: row.format,
    privacy: row.privacy,
    published_at: instant(row.published_at),
    duration_seconds: row.duration_seconds,
    thumbnail_url: row.thumbnail_url,
    gone_at: instant(row.gone_at),
    youtube: {
      views: row.views,
      likes: row.likes,
      comments: row.comments,
      average_view_percentage: row.average_view_percentage,
      counted_at: instant(row.counted_at),
    },
    score: summary(row),
    scores_shown: row.scores_shown,
  };
}

function summary(row: Row) {
  if (row.model_version === null || row.label === null || row.basis === null || row.scored_at === null) {
    return null;
  }
  return {
    notice: NOTICE,
    model_version: row.model_version,
    score: row.score,
    multiplier: row.multiplier,
    raw_multiplier: row.raw_multiplier,
    label: row.label,
    withheld: row.withheld,
    confidence: row.confidence,
    confidence_level: row.confidence_level,
    basis: row.basis,
    checkpoint_hours: row.checkpoint_hours,
    n: row.n ?? 0,
    scored_at: instant(row.scored_at),
  };
}

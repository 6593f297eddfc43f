// GET /api/videos/{id}

import { type Components, type Measures, reasons, summary, withheld } from "../explain.js";
import { type Context, type Reply, serve } from "../operation.js";
import { Problem, notFound } from "../problem.js";
import { asUser, rows, unwrap } from "../supabase.js";
import { type Row, instant, video } from "../videos.js";

const PATH = /^\/api\/videos\/([^/]+)\/?$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

interface Detail extends Row {
  components: Components | null;
  measures: Measures | null;
}

interface Point {
  basis: string;
  observed_at: string;
  age_hours: number;
  views: number;
  likes: number | null;
  comments: number | null;
  average_view_percentage: number | null;
}

interface Baseline {
  id: string;
  youtube_video_id: string;
  title: string;
  published_at: string | null;
  views: number | null;
}

interface Details {
  video: Detail;
  series: Point[];
  baseline: Baseline[];
}

async function get({ url, caller }: Context): Promise<Reply> {
  const id = PATH.exec(url.pathname)?.[1] ?? "";
  if (!UUID.test(id)) {
    throw new Problem(400, "invalid_id", "The path's {id} is malformed.");
  }
  const call = rows.rpc("video_details", { p_video: id });
  const details = unwrap<Details | null>(await asUser(call, caller.token));
  if (!details) {
    throw notFound();
  }
  const row = details.video;
  const components = row.components && "reach" in row.components ? row.components : null;
  return {
    body: {
      ...video(row),
      explanation: explanation(row, components),
      components,
      baseline: details.baseline.map((each) => ({ ...each, published_at: instant(each.published_at) })),
      series: details.series.map((point) => ({ ...point, observed_at: instant(point.observed_at) })),
    },
  };
}

function explanation(row: Detail, components: Components | null) {
  const n = row.n ?? 0;
  const why = row.withheld === null ? null : withheld(row.withheld, n);
  if (why !== null) {
    return { summary: why, reasons: [] };
  }
  const { measures, label, basis, multiplier, raw_multiplier, confidence } = row;
  if (!components || !measures || !label || !basis || multiplier === null || raw_multiplier === null || confidence === null) {
    return null;
  }
  const { checkpoint_hours, format } = row;
  const score = { n, multiplier, raw_multiplier, confidence, label, basis, checkpoint_hours, format };
  return {
    summary: summary(score, components, measures),
    reasons: reasons(score, components, measures),
  };
}

export default serve({ id: "getVideo", method: "GET", path: PATH, limit: "read", run: get });

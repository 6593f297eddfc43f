// GET /api/admin/metrics

import { type Context, type Reply, serve } from "../operation.js";
import { engine, unwrap } from "../supabase.js";
import { instant } from "../videos.js";

interface Facts {
  timestamp: string;
  application: {
    response_time: { average: number | null; bounds_ms: number[]; histogram: number[] };
  };
  api_usage: { youtube_quota_resets_at: string };
  errors: { recent: { at: string }[] };
  pipeline: { last_dispatch_at: string | null; last_verified_backup_at: string | null };
  incidents: { opened_at: string }[];
}

async function metrics(_: Context): Promise<Reply> {
  const facts = unwrap<Facts>(await engine.rpc("admin_metrics"));
  const { application, api_usage, errors, pipeline } = facts;
  const { average, bounds_ms, histogram } = application.response_time;
  const at = (share: number) => percentile(bounds_ms, histogram, share);
  return {
    headers: { vary: "accept" },
    body: {
      ...facts,
      timestamp: instant(facts.timestamp),
      application: {
        ...application,
        response_time: {
          average,
          p50: at(0.5),
          p90: at(0.9),
          p95: at(0.95),
          p99: at(0.99),
          histogram: histogram.map((count, n) => ({ below_ms: bounds_ms[n] ?? null, requests: count })),
        },
      },
      api_usage: { ...api_usage, youtube_quota_resets_at: instant(api_usage.youtube_quota_resets_at) },
      errors: { ...errors, recent: errors.recent.map((failed) => ({ ...failed, at: instant(failed.at) })) },
      pipeline: {
        ...pipeline,
        last_dispatch_at: instant(pipeline.last_dispatch_at),
        last_verified_backup_at: instant(pipeline.last_verified_backup_at),
      },
      incidents: facts.incidents.map((incident) => ({ ...incident, opened_at: instant(incident.opened_at) })),
    },
  };
}

const tenth = (value: number) => Math.round(value * 10) / 10;

/** The value below which `share` of all lie, taking each bucket's to be spread evenly over its width. */
function percentile(bounds: number[], histogram: number[], share: number): number | null {
  const wanted = histogram.reduce((sum, count) => sum + count, 0) * share;
  let below = 0;
  for (const [n, count] of histogram.entries()) {
    if (count > 0 && below + count >= wanted) {
      const from = n === 0 ? 0 : (bounds[n - 1] ?? 0);
      const to = bounds[n] ?? from;
      return tenth(from + (to - from) * Math.min(Math.max((wanted - below) / count, 0), 1));
    }
    below += count;
  }
  return null;
}

export default serve({
  id: "getMetrics",
  method: "GET",
  path: /^\/api\/admin\/metrics\/?$/,
  limit: "read",
  admin: true,
  run: metrics,
});

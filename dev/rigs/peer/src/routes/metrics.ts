// GET /api/admin/metrics

import { type Context, type Reply, serve } from "../operation.js";
import { engine, unwrap } from "../supabase.js";
import { instant } from "../videos.js";

interface Sums {
  operation?: string;
  service?: string;
  kind?: string;
  requests?: number;
  calls?: number;
  runs?: number;
  errors?: number;
  given_up?: number;
  slow?: number;
  throttled?: number;
  retried?: number;
  duration_ms: number;
}

interface Facts {
  now: string;
  requests: {
    requests: number;
    errors: number;
    refused: number;
    slow: number;
    duration_ms: number;
    bounds_ms: number[];
    histogram: number[];
  };
  operations: Sums[];
  uptime_24h: unknown;
  uptime_30d: unknown;
  database: Record<string, unknown>;
  providers: Sums[];
  quota: { bucket: string; capacity: number; spent: number; reserved: number; exhausted: boolean }[];
  quota_resets_at: string;
  generation: { cost_micros: number; reserved_micros: number };
  render_credits_today: number;
  users: unknown;
  failed: { at: string }[];
  events: unknown;
  pipeline: {
    due: number;
    running: number;
    waiting: number;
    dead: number;
    oldest_due_seconds: number | null;
    last_dispatch_at: string | null;
    queues: unknown;
    steps: Sums[];
  };
  last_verified_backup_at: string | null;
  incidents: { opened_at: string }[];
  records_dropped: number;
}

async function metrics(_: Context): Promise<Reply> {
  const facts = unwrap<Facts>(await engine.rpc("admin_metrics"));
  const { requests, pipeline } = facts;
  const at = (share: number) => percentile(requests.bounds_ms, requests.histogram, share);
  return {
    headers: { vary: "accept" },
    body: {
      timestamp: instant(facts.now),
      application: {
        requests_24h: requests.requests,
        error_rate: requests.requests > 0 ? requests.errors / requests.requests : 0,
        errors: requests.errors,
        refused: requests.refused,
        slow: requests.slow,
        response_time: {
          average: average(requests.duration_ms, requests.requests),
          p50: at(0.5),
          p90: at(0.9),
          p95: at(0.95),
          p99: at(0.99),
          histogram: requests.histogram.map((count, n) => ({
            below_ms: requests.bounds_ms[n] ?? null,
            requests: count,
          })),
        },
        uptime: { last_24h: facts.uptime_24h, last_30d: facts.uptime_30d },
        operations: facts.operations.map((sums) => ({
          operation: sums.operation,
          requests: sums.requests,
          errors: sums.errors,
          slow: sums.slow,
          average_ms: average(sums.duration_ms, sums.requests ?? 0) ?? 0,
        })),
      },
      database: facts.database,
      api_usage: {
        providers: Object.fromEntries(
          facts.providers.map((sums) => [
            sums.service,
            {
              calls: sums.calls,
              errors: sums.errors ?? 0,
              throttled: sums.throttled ?? 0,
              average_ms: average(sums.duration_ms, sums.calls ?? 0) ?? 0,
            },
          ]),
        ),
        youtube_quota: facts.quota.map(({ exhausted, ...row }) => ({
          ...row,
          left: exhausted ? 0 : Math.max(0, row.capacity - row.spent - row.reserved),
        })),
        youtube_quota_resets_at: instant(facts.quota_resets_at),
        gemini_cost_usd: facts.generation.cost_micros / 1e6,
        gemini_reserved_usd: facts.generation.reserved_micros / 1e6,
        revid_credits_today: facts.render_credits_today,
      },
      user_activity: facts.users,
      errors: {
        events: facts.events,
        recent: facts.failed.map((failed) => ({ ...failed, at: instant(failed.at) })),
      },
      pipeline: {
        due: pipeline.due,
        running: pipeline.running,
        waiting: pipeline.waiting,
        dead: pipeline.dead,
        oldest_due_seconds: pipeline.oldest_due_seconds,
        last_dispatch_at: instant(pipeline.last_dispatch_at),
        last_verified_backup_at: instant(facts.last_verified_backup_at),
        queues: pipeline.queues,
        steps: Object.fromEntries(
          pipeline.steps.map((sums) => [
            sums.kind,
            {
              runs: sums.runs,
              retried: sums.retried ?? 0,
              given_up: sums.given_up ?? 0,
              average_ms: average(sums.duration_ms, sums.runs ?? 0) ?? 0,
            },
          ]),
        ),
      },
      incidents: facts.incidents.map((incident) => ({ ...incident, opened_at: instant(incident.opened_at) })),
      records_dropped: facts.records_dropped,
    },
  };
}

const tenth = (value: number) => Math.round(value * 10) / 10;

function average(sum: number, count: number): number | null {
  return count > 0 ? tenth(sum / count) : null;
}

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
  id: "admin.metrics",
  method: "GET",
  path: /^\/api\/admin\/metrics\/?$/,
  limit: "read",
  admin: true,
  run: metrics,
});

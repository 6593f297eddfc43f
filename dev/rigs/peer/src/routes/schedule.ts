// POST /api/schedule

import { createHash } from "node:crypto";

import { env } from "../env.js";
import { type Context, type Reply, readJson, serve } from "../operation.js";
import { Problem } from "../problem.js";
import { engine, unwrap } from "../supabase.js";
import { instant } from "../videos.js";

interface Body {
  render_id: string;
  title: string;
  description?: string;
  tags?: string[];
  category_id?: string;
  language?: string;
  made_for_kids?: boolean;
  altered_content?: boolean;
  notify_subscribers?: boolean;
  thumbnail?: boolean;
  publish_at: string;
}

interface Upload {
  id: string;
  channel_id: string;
  render_id: string;
  state: string;
  reason: string | null;
  intent: string;
  withdrawal_notice_at: string | null;
  title: string;
  description: string;
  tags: string[];
  category_id: string;
  language: string | null;
  made_for_kids: boolean | null;
  altered_content: boolean | null;
  notify_subscribers: boolean;
  publish_at: string | null;
  time_zone: string | null;
  local_time: string | null;
  youtube_video_id: string | null;
  bytes_total: number | null;
  bytes_sent: number;
  next_attempt_at: string | null;
  last_error: unknown;
  thumbnail: string;
  thumbnail_error: unknown;
  published_at: string | null;
  state_changed_at: string;
  version: number;
  created_at: string;
  updated_at: string;
}

async function create({ request, url, caller, background }: Context): Promise<Reply> {
  const { text, value } = await readJson(request);
  const body = check(value);
  const key = request.headers["idempotency-key"];
  const fingerprint = createHash("sha256").update("POST").update("\0").update(url.pathname).update("\0").update(text);
  const row = unwrap<Upload>(
    await engine.rpc("schedule_upload", {
      p_user: caller.id,
      p_idempotency: key ? { key, fingerprint: fingerprint.digest("hex") } : null,
      p_upload: {
        ...body,
        title_key: titleKey(body.title),
        description: body.description ?? "",
        tags: body.tags ?? [],
        category_id: body.category_id ?? "22",
      },
    }),
  );
  background(wake());
  return {
    status: 201,
    headers: { location: `/api/schedule/${row.id}`, etag: `"v${row.version}"` },
    body: upload(row),
  };
}

function check(value: unknown): Body {
  const body = value as Body;
  const wrong = (pointer: string, message: string) => new Problem(422, "invalid_body", message, pointer);
  if (typeof body !== "object" || body === null) {
    throw wrong("", "must be an object");
  }
  if (typeof body.render_id !== "string") {
    throw wrong("/render_id", "must be the id of a render");
  }
  if (typeof body.title !== "string" || body.title.trim() === "" || body.title.length > 100 || /[<>\p{Cc}]/u.test(body.title)) {
    throw wrong("/title", "must be one line of at most 100 characters without < and >");
  }
  if (body.description !== undefined && (Buffer.byteLength(body.description) > 5000 || /[<>]/.test(body.description))) {
    throw wrong("/description", "must be at most 5000 bytes without < and >");
  }
  if (body.tags?.some((tag) => tag.trim() === "" || /[,<>"\p{Cc}]/u.test(tag))) {
    throw wrong("/tags", "must each hold text without commas, quotation marks, < and >");
  }
  for (const name of ["made_for_kids", "altered_content"] as const) {
    if (typeof body[name] !== "boolean") {
      throw new Problem(422, "answers_missing", "Say true or false.", `/${name}`);
    }
  }
  if (Number.isNaN(Date.parse(body.publish_at))) {
    throw wrong("/publish_at", "must be an instant");
  }
  return body;
}

/** Titles that look alike have one key. */
function titleKey(title: string): string {
  const plain = title.normalize("NFKC").toLowerCase();
  const words = plain.match(/[\p{Alphabetic}\p{N}]+/gu);
  return words ? words.join(" ") : plain.trim();
}

function upload(row: Upload) {
  const { intent, withdrawal_notice_at, ...shown } = row;
  const cancelling = intent === "keep_private" && !["published", "cancelled", "failed"].includes(shown.state);
  return {
    id: shown.id,
    channel_id: shown.channel_id,
    render_id: shown.render_id,
    state: shown.state,
    reason: shown.reason,
    explanation: null,
    next_action: null,
    cancelling,
    withdrawal: cancelling ? (withdrawal_notice_at ? "refused" : "pending") : null,
    title: shown.title,
    description: shown.description,
    tags: shown.tags,
    category_id: shown.category_id,
    language: shown.language,
    made_for_kids: shown.made_for_kids,
    altered_content: shown.altered_content,
    notify_subscribers: shown.notify_subscribers,
    publish_at: instant(shown.publish_at),
    local_time: shown.local_time,
    time_zone: shown.time_zone,
    youtube_video_id: shown.youtube_video_id,
    youtube_url: shown.youtube_video_id && `https://www.youtube.com/watch?v=${shown.youtube_video_id}`,
    bytes_total: shown.bytes_total,
    bytes_sent: shown.bytes_sent,
    next_attempt_at: instant(shown.next_attempt_at),
    last_error: shown.last_error,
    thumbnail: shown.thumbnail,
    thumbnail_error: shown.thumbnail_error,
    published_at: instant(shown.published_at),
    state_changed_at: instant(shown.state_changed_at),
    version: shown.version,
    created_at: instant(shown.created_at),
    updated_at: instant(shown.updated_at),
  };
}

/** Tells the dispatcher, after the answer, that there is something to do. */
async function wake(): Promise<void> {
  const answer = await fetch(`${env.appUrl}/api/cron/dispatch`, {
    method: "POST",
    headers: { authorization: `Bearer ${env.cronSecret}` },
    signal: AbortSignal.timeout(5_000),
  });
  await answer.arrayBuffer();
}

export default serve({ id: "scheduleUpload", method: "POST", path: /^\/api\/schedule\/?$/, limit: "write", run: create });

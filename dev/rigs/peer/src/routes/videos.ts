// GET /api/videos

import { type Context, type Reply, serve } from "../operation.js";
import { Problem } from "../problem.js";
import { asUser, rows, unwrap } from "../supabase.js";
import { type Row, video } from "../videos.js";

const PARAMETERS = new Set(["channel_id", "label", "format", "sort", "cursor", "limit"]);
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

interface After {
  sort: "newest" | "score";
  key: string;
  id: string;
}

interface Listed extends Row {
  page_key: string;
}

async function list({ url, caller }: Context): Promise<Reply> {
  const query = url.searchParams;
  for (const name of query.keys()) {
    if (!PARAMETERS.has(name)) {
      throw invalid(name);
    }
  }
  const sort = query.get("sort") ?? "newest";
  if (sort !== "newest" && sort !== "score") {
    throw invalid("sort");
  }
  const limit = Number(query.get("limit") ?? 25);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
    throw invalid("limit");
  }
  const channel = query.get("channel_id");
  if (channel && !UUID.test(channel)) {
    throw invalid("channel_id");
  }
  const cursor = query.get("cursor");
  const after = cursor ? decode(cursor) : undefined;
  if (after && after.sort !== sort) {
    throw invalid("cursor");
  }
  const call = rows.rpc("list_videos", {
    p_channel: channel ?? undefined,
    p_label: query.get("label") ?? undefined,
    p_format: query.get("format") ?? undefined,
    p_sort: sort,
    p_after_key: after?.key,
    p_after_id: after?.id,
    p_limit: limit + 1,
  });
  const found = unwrap<Listed[]>(await asUser(call, caller.token));
  const last = found[limit - 1];
  return {
    body: {
      items: found.slice(0, limit).map(video),
      next_cursor: last && found.length > limit ? encode({ sort, key: last.page_key, id: last.id }) : null,
    },
  };
}

const encode = (after: After) => Buffer.from(JSON.stringify(after)).toString("base64url");

function decode(cursor: string): After {
  try {
    const after = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")) as After;
    if (typeof after.key === "string" && UUID.test(after.id)) {
      return after;
    }
  } catch {
    // Not one of ours.
  }
  throw invalid("cursor");
}

const invalid = (name: string) => new Problem(400, "invalid_query", `The parameter ${name} is not acceptable.`);

export default serve({ id: "listVideos", method: "GET", path: /^\/api\/videos\/?$/, limit: "read", run: list });

-- One user's rows in every table that the product reads, with what is hard to write down: quotes, commas, braces, line
-- breaks, nulls, large and small numbers, empty lists.
\set ON_ERROR_STOP on
insert into public.users (id, display_name) values (:'user', 'Ada "the first"') on conflict (id) do nothing;
insert into public.channels (id, youtube_channel_id, title, handle, subscriber_count, time_zone, posting_slots, brand_voice, banned_topics)
values (:'channel', 'UC-' || :'channel', 'Honey, bees & "hives"', '@honey', 9007199254740993, 'Europe/Berlin',
  '[{"weekday": 1, "time": "17:00"}]', '{"person": "dry\nand plain", "phrases_to_avoid": ["no {braces}", "no \"quotes\""]}', '{politics,"a, b"}');
insert into public.channel_members (channel_id, user_id, role) values (:'channel', :'user', 'owner');
insert into public.videos (id, channel_id, youtube_video_id, title, description, tags, published_at, duration_seconds, format, privacy,
  views, likes, comments, average_view_percentage, counted_at, gone_at)
select md5(:'channel' || n)::uuid, :'channel', substr(md5(:'channel' || n), 1, 11),
  case n % 5 when 0 then 'Ñandú 🐝 number ' || n when 1 then 'a,b(c)."d" \ ' || n else 'Video ' || n end,
  case when n % 3 = 0 then null else E'line one\nline two\t' || n end,
  case when n % 4 = 0 then '{}'::text[] else array['honey', 'bees, wild', 'n' || n] end,
  case when n = 7 then null else timestamptz '2026-11-01 09:30:00.12+00' - n * interval '3 days' end,
  60 * n, case n % 3 when 0 then 'short' when 1 then 'long' end, case n % 10 when 9 then 'private' else 'public' end,
  case when n = 11 then null else 1000 * n * n end, case when n % 6 = 0 then null else n end, 0, n / 7.0,
  timestamptz '2026-11-20 00:00:00+00', case when n = 30 then timestamptz '2026-11-21 00:00:00+00' end
from generate_series(1, 30) n;
insert into public.video_snapshots (video_id, channel_id, basis, observed_at, age_hours, views)
select md5(:'channel' || n)::uuid, :'channel', 'public_views', timestamptz '2026-11-20 00:00:00+00' + a * interval '1 day', a * 24, 100 * a
from generate_series(1, 3) n, generate_series(1, 4) a;
insert into public.performance_scores (video_id, channel_id, model_version, format, basis, label, n, score, multiplier, raw_multiplier,
  log_multiplier, z_total, confidence, confidence_level, inspiration_order, scored_at)
select md5(:'channel' || n)::uuid, :'channel', private.score_model(), case n % 3 when 0 then 'short' when 1 then 'long' end, 'public_views',
  (array['typical', 'above', 'below'])[1 + n % 3], 20, 50 + n, 1 + n / 10.0, 1 + n / 9.0, n / 10.0 - 1, n / 10.0 - 1, 0.8,
  (array['low', 'medium', 'high'])[1 + n % 3], n, timestamptz '2026-11-20 00:00:00+00'
from generate_series(1, 20) n;
insert into public.generated_content (id, root_id, parent_id, channel_id, created_by, kind, revision, origin, state, brief, output,
  content_hash, approved_hash, voice_version, prompt_version, seed, model_asked, price_version)
select md5(:'channel' || 'content' || n)::uuid, md5(:'channel' || 'content1')::uuid,
  case when n > 1 then md5(:'channel' || 'content' || (n - 1))::uuid end, :'channel', :'user', 'script', n, 'generated',
  case n when 3 then 'approved' else 'draft' end, '{"topic": "Honey"}', o, private.content_hash(o),
  case n when 3 then private.content_hash(o) end, 1, 'p', n, 'm', 'v'
from generate_series(1, 3) n, jsonb_build_object('title', 'Honey ' || n, 'hook', 'It "never" spoils.', 'beats',
  jsonb_build_array(jsonb_build_object('heading', 'Why', 'spoken', 'It is dry.', 'visual', 'A jar')), 'call_to_action', 'Subscribe.') o;
insert into public.renders (id, channel_id, content_id, content_hash, requested_by, request, estimated_credits, estimate_basis)
select md5(:'channel' || 'render' || n)::uuid, :'channel', md5(:'channel' || 'content' || n)::uuid, 'h', :'user',
  '{"script": "It \"never\" spoils.", "aspect": "16:9", "language": "en-US", "footage": "stock-video", "quality": "pro", "resolution": "1080p",
    "captions": "middle", "music": true}', n, 'provider'
from generate_series(1, 3) n;
insert into public.scheduled_uploads (id, channel_id, render_id, created_by, title, title_key, tags, made_for_kids, altered_content,
  publish_at, time_zone, local_time)
select md5(:'channel' || 'upload' || n)::uuid, :'channel', md5(:'channel' || 'render' || n)::uuid, :'user', 'Upload ' || n, 'upload ' || n,
  '{honey}', false, true, date_trunc('day', now()) + n * interval '3 days', 'UTC', date_trunc('day', now()) + n * interval '3 days'
from generate_series(1, 3) n;
insert into public.usage_counters (user_id, period, generations, cost_micros)
values (:'user', date_trunc('month', now() at time zone 'utc')::date, 3, 9007199254740993);
insert into public.webhook_endpoints (id, user_id, url, description, events)
values (md5(:'channel' || 'endpoint')::uuid, :'user', 'https://hooks.example.com/?a=1&b=2', 'Mine', '{render.ready}');
insert into public.webhook_deliveries (id, endpoint_id, user_id, event_id, event_type, body, state)
select md5(:'channel' || 'delivery' || n)::uuid, md5(:'channel' || 'endpoint')::uuid, :'user', 'msg_' || n, 'ping', '{"a": "b"}', 'delivered'
from generate_series(1, 3) n;
insert into public.agents (user_id, id, may_spend) values (:'user', md5(:'channel' || 'agent')::uuid, true);

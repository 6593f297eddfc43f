-- Two users, a channel with a catalogue, and uploads in every kind of state.
insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-000000000001', 'one@example.org'), ('00000000-0000-4000-8000-000000000002', 'two@example.org');
insert into public.users (id, display_name, time_zone) values
  ('00000000-0000-4000-8000-000000000001', 'canary-7f3a-of-the-backup-test', 'Europe/Berlin'),
  ('00000000-0000-4000-8000-000000000002', null, 'UTC');
insert into public.channels (id, youtube_channel_id, title, uploads_playlist_id, posting_slots, banned_topics, features) values
  ('00000000-0000-4000-8000-00000000000c', 'UCtest', 'Ünïcode "quoted" {braces}', 'UUtest', '[{"weekday": 1, "time": "18:00"}]',
   array['a,b', 'c"d', null, ''], '{"read": true, "upload": true, "manage": true}');
insert into public.channel_members (channel_id, user_id, role) values
  ('00000000-0000-4000-8000-00000000000c', '00000000-0000-4000-8000-000000000001', 'owner');
insert into public.videos (channel_id, youtube_video_id, title, tags, published_at, views, likes, comments, average_view_percentage)
select '00000000-0000-4000-8000-00000000000c', 'vid' || n, 'Video ' || n, array['t' || n, null], timestamptz '2020-01-01' + n * interval '7 hours 1.000001 second',
  n * 1000003, n, null, n / 3.0
from generate_series(1, 2000) n;
insert into public.system_logs (event_type, severity, source, message, details, user_id) values
  ('odd', 'info', 'test', E'tab\there, \\N, \\\\., line\nbreak, \U0001F3AC and é', '{"n": 1e400, "s": "\\u00e9\\n"}', '00000000-0000-4000-8000-000000000001');

insert into public.renders (id, channel_id, content_hash, requested_by, request, estimated_credits, estimate_basis)
select ('00000000-0000-4000-8000-0000000001' || lpad(n::text, 2, '0'))::uuid, '00000000-0000-4000-8000-00000000000c', 'hash', '00000000-0000-4000-8000-000000000001', '{}', 10, 'provider'
from generate_series(0, 6) n;
insert into private.render_jobs (render_id, reserved_period, reserved_day) select id, current_date, current_date from public.renders;
-- All but the first are ready, in the order that the transitions ask for.
update public.renders set state = 'submitting', submitted_at = now() where id <> '00000000-0000-4000-8000-000000000100';
update public.renders set state = 'queued', provider_job_id = id::text where state = 'submitting';
update public.renders set state = 'ready', file_bytes = 600000, cost_basis = 'reported', credits_used = 9 where state = 'queued';
select private.enqueue_step('render', 'render.advance', '00000000-0000-4000-8000-000000000100', '00000000-0000-4000-8000-00000000000c');

insert into public.scheduled_uploads (id, channel_id, render_id, created_by, state, reason, title, title_key, made_for_kids, altered_content, publish_at, time_zone, local_time, youtube_video_id, bytes_total, bytes_sent)
select ('00000000-0000-4000-8000-0000000002' || lpad(n::text, 2, '0'))::uuid, '00000000-0000-4000-8000-00000000000c',
  ('00000000-0000-4000-8000-0000000001' || lpad(n::text, 2, '0'))::uuid, '00000000-0000-4000-8000-000000000001', state, reason, title, title, false, true,
  now() + n * interval '1 day', 'Europe/Berlin', now()::timestamp + n * interval '1 day', video, 600000, sent
from (values
  (1, 'scheduled', 'channel_busy', 'due', null, 0), (2, 'uploading', null, 'sent', null, 262144),
  (3, 'outcome_unknown', 'reconciling', 'lost', null, 524288), (4, 'needs_attention', 'slot_missed', 'stopped', null, 0),
  (5, 'on_youtube', null, 'asked', 'yt5', 600000), (6, 'published', null, 'ended', 'yt6', 600000)) as u (n, state, reason, title, video, sent);
insert into private.upload_sessions (id, upload_id, session_uri, bytes_total, bytes_sent, opened_at, ended_at, outcome) values
  (gen_random_uuid(), '00000000-0000-4000-8000-000000000202', 'v1.k.n.c', 600000, 262144, now() - interval '1 minute', null, null),
  (gen_random_uuid(), '00000000-0000-4000-8000-000000000203', null, 600000, 524288, now() - interval '1 hour', now(), 'gone'),
  (gen_random_uuid(), '00000000-0000-4000-8000-000000000205', null, 600000, 600000, now() - interval '2 hours', now(), 'completed');
select private.enqueue_step('publish', 'upload.advance', id, channel_id) from public.scheduled_uploads where state in ('scheduled', 'uploading', 'outcome_unknown');
-- One step is under way.
select count(*) from engine.claim_steps('seed', array['publish'], 1, 30);

-- Everything that opens a door, and what waits to be sent.
insert into auth.sessions (id, user_id) values ('00000000-0000-4000-8000-000000000500', '00000000-0000-4000-8000-000000000001');
insert into auth.refresh_tokens (token, user_id, session_id) values
  ('refresh', '00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000500');
insert into auth.one_time_tokens (user_id, token_type, token_hash, relates_to) values
  ('00000000-0000-4000-8000-000000000001', 'recovery_token', 'hash', 'one@example.org');
insert into private.oauth_states (state_hash, id, user_id, code_verifier, expires_at) values
  (repeat('c', 64), gen_random_uuid(), '00000000-0000-4000-8000-000000000001', 'v1.k.n.c', now() + interval '10 minutes');
insert into private.calendar_feeds (user_id, secret_hash) values ('00000000-0000-4000-8000-000000000001', repeat('a', 64));
insert into public.webhook_endpoints (id, user_id, url) values
  ('00000000-0000-4000-8000-000000000600', '00000000-0000-4000-8000-000000000001', 'https://hooks.example.org/');
insert into private.webhook_secrets (id, endpoint_id, secret, expires_at) values
  (gen_random_uuid(), '00000000-0000-4000-8000-000000000600', 'v1.k.n.old', now() + interval '1 day'),
  (gen_random_uuid(), '00000000-0000-4000-8000-000000000600', 'v1.k.n.new', null);
select private.enqueue_step('notify', 'webhook.deliver', '00000000-0000-4000-8000-000000000600', null);
insert into public.webhook_deliveries (endpoint_id, user_id, event_id, event_type, body, next_attempt_at) values
  ('00000000-0000-4000-8000-000000000600', '00000000-0000-4000-8000-000000000001', 'msg_seed', 'ping', '{}', now());

-- A channel that is to be purged, and a user who is erased after the backup, with all that is theirs.
insert into public.channels (id, youtube_channel_id, title, features, purge_at, purge_told_at) values
  ('00000000-0000-4000-8000-00000000000a', 'UCpurge', 'Unverified', '{"read": true, "upload": true, "manage": true}', now() - interval '1 hour', now() - interval '8 days');
insert into auth.users (id, email) values ('00000000-0000-4000-8000-000000000003', 'three@example.org');
insert into public.users (id, display_name) values ('00000000-0000-4000-8000-000000000003', 'erased-9b1d-after-the-backup');
insert into public.channels (id, youtube_channel_id, title, features) values
  ('00000000-0000-4000-8000-00000000000d', 'UCerased', 'Erased', '{"read": true, "upload": true, "manage": true}');
insert into public.channel_members (channel_id, user_id, role) values
  ('00000000-0000-4000-8000-00000000000d', '00000000-0000-4000-8000-000000000003', 'owner');
select private.enqueue_step('sync', 'channel.sync', '00000000-0000-4000-8000-00000000000d', '00000000-0000-4000-8000-00000000000d', interval '1 day');

begin;
select no_plan();

-- People ---------------------------------------------------------------------------------------------------------------

\ir people.seed
create function pg_temp.channel() returns uuid language sql as $$ select '00000000-0000-4000-8000-00000000c101'::uuid $$;
create function pg_temp.resource(p_id uuid default pg_temp.channel(), p_youtube text default 'UCtest101', p_read boolean default true) returns jsonb
language sql as $$
  select jsonb_build_object('id', p_id, 'youtube_channel_id', p_youtube, 'title', 'Making things', 'handle', '@making',
    'uploads_playlist_id', 'UUtest101', 'subscriber_count', 1230,
    'features', jsonb_build_object('read', p_read, 'upload', true, 'manage', true, 'analytics', p_read))
$$;
create function pg_temp.tokens(p_refresh text default 'v1.k.n.refresh') returns jsonb language sql as $$
  select jsonb_build_object('refresh_token', p_refresh, 'access_token', 'v1.k.n.access',
    'access_token_expires_at', private.now() + interval '1 hour', 'granted_scopes', jsonb_build_array('a', 'b'))
$$;
create function pg_temp.begin_state(p_hash text, p_user uuid default pg_temp.owner(), p_channel uuid default null) returns jsonb language sql as $$
  select engine.begin_connect(p_user, gen_random_uuid(), p_hash, 'v1.k.n.verifier', p_channel, '/channels')
$$;
create function pg_temp.finish(p_user uuid, p_channel uuid, p_resource jsonb, p_tokens jsonb) returns jsonb language plpgsql as $$
declare
  v_state text := gen_random_uuid();
begin
  perform pg_temp.begin_state(v_state, p_user, p_channel);
  return engine.finish_connect(p_user, (engine.take_state(v_state, p_user) ->> 'id')::uuid, p_resource, p_tokens);
end
$$;

-- Consent --------------------------------------------------------------------------------------------------------------

select lives_ok($$ select pg_temp.begin_state('h1') $$, 'a consent is started');
select is((select expires_at > private.now() + interval '9 minutes' and expires_at <= private.now() + interval '10 minutes'
  from private.oauth_states where state_hash = 'h1'), true, 'for ten minutes');
select throws_ok($$ select engine.begin_connect(pg_temp.owner(), gen_random_uuid(), 'h0', 'plain text', null, null) $$,
  '23514', null, 'a verifier that is not encrypted is never stored');
select throws_ok($$ select engine.take_state('h1', pg_temp.stranger()) $$, 'PT400', 'state_expired', 'another user''s consent is not taken');
select throws_ok($$ select engine.take_state('h1', null) $$, 'PT401', 'token_invalid', 'nor is any without a user');
create temporary table taken as select engine.take_state('h1', pg_temp.owner()) as state;
select is((select state ->> 'return_to' from taken), '/channels', 'its own user takes it');
select throws_ok($$ select engine.take_state('h1', pg_temp.owner()) $$, 'PT409', 'request_in_progress', 'and then it is taken');
update private.oauth_states set taken_at = private.now() - interval '31 seconds' where state_hash = 'h1';
select throws_ok($$ select engine.take_state('h1', pg_temp.owner()) $$, 'PT400', 'state_expired', 'once, also when nothing came of it');
select throws_ok($$ select engine.finish_connect(pg_temp.stranger(), (select (state ->> 'id')::uuid from taken), pg_temp.resource(), pg_temp.tokens()) $$,
  'PT400', 'state_expired', 'another user''s consent is not finished');
select throws_ok($$ select engine.finish_connect(pg_temp.owner(), null, pg_temp.resource(), pg_temp.tokens()) $$,
  'PT400', 'state_expired', 'nor is none');
select pg_temp.begin_state('h2');
update private.oauth_states set expires_at = private.now() - interval '1 second' where state_hash = 'h2';
select throws_ok($$ select engine.take_state('h2', pg_temp.owner()) $$, 'PT400', 'state_expired', 'and not after it expired');
select count(pg_temp.begin_state('many' || n)) from generate_series(1, 30) n;
select is((select count(*) from private.oauth_states where user_id = pg_temp.owner()), 10::bigint, 'abandoned consents do not pile up');

-- Connecting -----------------------------------------------------------------------------------------------------------

select pg_temp.begin_state('h3');
select engine.take_state('h3', pg_temp.owner());
select is((engine.finish_connect(pg_temp.owner(), (select id from private.oauth_states where state_hash = 'h3'), pg_temp.resource(),
  pg_temp.tokens() || '{"google_account": "g1"}') ->> 'new')::boolean, true, 'a channel is connected');
select is(engine.take_state('h3', pg_temp.owner()) #>> '{finished,id}', pg_temp.channel()::text, 'whoever asks again is told the same channel');
select throws_ok($$ select engine.take_state('h3', pg_temp.stranger()) $$, 'PT400', 'state_expired', 'others are not');
select is(engine.is_grant_unused('g1', null), false, 'a grant is in use while its account has a channel here');
select is(engine.is_grant_unused('g2', 'UCtest101'), false, 'and while its channel is one');
select is(engine.is_grant_unused(null, 'UCother'), false, 'and for all that is known, when the account is unknown');
select is(engine.is_grant_unused('g2', 'UCother'), true, 'otherwise it may be ended');
select is((select role from public.channel_members where channel_id = pg_temp.channel() and user_id = pg_temp.owner()), 'owner', 'by its owner');
select throws_ok($$ update public.channels set state = 'disconnected' where id = pg_temp.channel() $$, '23514', null,
  'it is never disconnected without a reason');
select throws_ok($$ update public.channels set state_reason = 'grant_revoked' where id = pg_temp.channel() $$, '23514', null, 'nor connected with one');
select is((select state || queue from private.steps where kind = 'channel.sync' and subject_id = pg_temp.channel()), 'waitingsync',
  'and its synchronisation begins');
select is((select sync ->> 'state' from public.channels where id = pg_temp.channel()), 'queued', 'which its owner sees');
select throws_ok($$ select pg_temp.finish(pg_temp.stranger(), null, pg_temp.resource(), pg_temp.tokens()) $$,
  'PT409', 'channel_taken', 'a channel of another user is refused clearly');
select throws_ok($$ select pg_temp.finish(pg_temp.owner(), pg_temp.channel(),
  pg_temp.resource('00000000-0000-4000-8000-00000000c102', 'UCtest102'), pg_temp.tokens()) $$,
  'PT409', 'channel_mismatch', 'reconnecting refuses another channel');
select is((select count(*) from public.channels where youtube_channel_id = 'UCtest102'), 0::bigint, 'and leaves nothing of it behind');
select throws_ok($$ select pg_temp.finish(pg_temp.owner(), null,
  pg_temp.resource('00000000-0000-4000-8000-00000000c102', 'UCtest102'), pg_temp.tokens(null)) $$,
  'PT400', 'consent_failed', 'without a lasting permission there is no channel');
select throws_ok($$ select pg_temp.finish(pg_temp.owner(), null, pg_temp.resource(), pg_temp.tokens('1//plain')) $$,
  '23514', null, 'a token that is not encrypted is never stored');
update public.channels set banned_topics = '{politics}' where id = pg_temp.channel();
select is((pg_temp.finish(pg_temp.owner(), pg_temp.channel(), pg_temp.resource(), pg_temp.tokens(null)) ->> 'new')::boolean, false, 'reconnecting');
select is((select banned_topics from public.channels where id = pg_temp.channel()), '{politics}'::text[], 'keeps settings');
select is((select refresh_token from private.channel_credentials where channel_id = pg_temp.channel()), 'v1.k.n.refresh',
  'and the lasting permission when Google sends none');
insert into public.channel_members (channel_id, user_id, role) values (pg_temp.channel(), pg_temp.viewer(), 'viewer');
update public.users set erasing_at = private.now() where id = pg_temp.stranger();
select throws_ok($$ select pg_temp.begin_state('e1', pg_temp.stranger()) $$, 'PT409', 'invalid_state', 'who is being erased connects nothing');
insert into private.oauth_states (state_hash, id, user_id, code_verifier, expires_at, taken_at) values
  ('e2', gen_random_uuid(), pg_temp.stranger(), 'v1.k.n.verifier', private.now() + interval '5 minutes', private.now());
select throws_ok($$ select engine.finish_connect(pg_temp.stranger(), (select id from private.oauth_states where state_hash = 'e2'),
  pg_temp.resource('00000000-0000-4000-8000-00000000c103', 'UCtest103'), pg_temp.tokens()) $$,
  'PT409', 'invalid_state', 'nor finishes what was begun before');
update public.users set erasing_at = null where id = pg_temp.stranger();

-- Settings -------------------------------------------------------------------------------------------------------------

select is(engine.update_channel(pg_temp.owner(), pg_temp.channel(), null, '{"brand_voice": {"register": "calm"}}') ->> 'brand_voice_version', '2',
  'a new brand voice is a new version');
select is(engine.update_channel(pg_temp.owner(), pg_temp.channel(), null, '{"brand_voice": {"register": "calm"}}') ->> 'brand_voice_version', '2',
  'the same one is not');
select is(engine.update_channel(pg_temp.owner(), pg_temp.channel(), null, '{"time_zone": "Europe/Berlin"}') ->> 'time_zone', 'Europe/Berlin', 'zones are set');
select throws_ok($$ select engine.update_channel(pg_temp.owner(), pg_temp.channel(), 1, '{"time_zone": "UTC"}') $$,
  'PT412', 'version_mismatch', 'an edit of something older is refused');
select throws_ok($$ select engine.update_channel(pg_temp.viewer(), pg_temp.channel(), null, '{"time_zone": "UTC"}') $$,
  'PT403', 'role_too_low', 'viewers only look');
select throws_ok($$ select engine.update_channel(pg_temp.stranger(), pg_temp.channel(), null, '{"time_zone": "UTC"}') $$,
  'PT404', 'not_found', 'a foreign channel does not exist');
select throws_ok($$ select engine.update_channel(pg_temp.stranger(), gen_random_uuid(), null, '{"time_zone": "UTC"}') $$,
  'PT404', 'not_found', 'nor does an absent one');
select is(private.is_time_zone(zone), good, zone) from (values
  ('UTC', true), ('Europe/Berlin', true), ('America/Argentina/Buenos_Aires', true), ('Etc/GMT+3', true), ('CET', false), ('+02', false),
  ('Europe/Atlantis', false), ('', false), ('EST5EDT', false), ('europe/berlin', false)) zones(zone, good);

-- Access tokens --------------------------------------------------------------------------------------------------------

create temporary table answer (step text, body jsonb);
select is(engine.begin_refresh(pg_temp.channel(), null) ->> 'state', 'valid', 'a token that is good is handed out');
insert into answer select 'first', engine.begin_refresh(pg_temp.channel(),
  (select token_version from private.channel_credentials where channel_id = pg_temp.channel()));
select is((select body ->> 'state' from answer where step = 'first'), 'refresh', 'not when YouTube refused it');
select is(engine.begin_refresh(pg_temp.channel(), (select token_version from private.channel_credentials where channel_id = pg_temp.channel())) ->> 'state',
  'wait', 'one refreshes, the others wait');
select is((select engine.finish_refresh(pg_temp.channel(), gen_random_uuid(), 'v1.k.n.other', private.now() + interval '1 hour', null, null, null) ->> 'stored'),
  'false', 'who does not hold the lease stores nothing');
select is((select engine.finish_refresh(pg_temp.channel(), (body ->> 'lease')::uuid, 'v1.k.n.new', private.now() + interval '1 hour', null, null, null) ->> 'stored'
  from answer where step = 'first'), 'true', 'who holds it does');
select is(engine.begin_refresh(pg_temp.channel(), null) ->> 'token', 'v1.k.n.new', 'for all');
update private.channel_credentials set access_token_expires_at = private.now() + interval '1 minute' where channel_id = pg_temp.channel();
insert into answer select 'second', engine.begin_refresh(pg_temp.channel(), null);
select is((select body ->> 'state' from answer where step = 'second'), 'refresh', 'a token that is about to expire is refreshed');
select lives_ok($$ select engine.abandon_refresh(pg_temp.channel(), (select (body ->> 'lease')::uuid from answer where step = 'second')) $$, 'a failure gives the lease back');
insert into answer select 'third', engine.begin_refresh(pg_temp.channel(), null);
select is((select body ->> 'state' from answer where step = 'third'), 'refresh', 'so the next may try');
select is(engine.mark_disconnected(pg_temp.channel(), gen_random_uuid(), 'grant_revoked'), false, 'a refusal of an older grant disconnects nothing');
select is((select engine.mark_disconnected(pg_temp.channel(), (body ->> 'lease')::uuid, 'grant_revoked') from answer where step = 'third'), true, 'one of this grant does');
select is((select state || ' ' || state_reason from public.channels where id = pg_temp.channel()), 'disconnected grant_revoked', 'with its reason');
select is((select refresh_token from private.channel_credentials where channel_id = pg_temp.channel()), null, 'and drops the tokens');
select is(engine.begin_refresh(pg_temp.channel(), null) ->> 'state', 'disconnected', 'nobody asks Google again');
select throws_ok($$ select engine.request_sync(pg_temp.owner(), null, pg_temp.channel()) $$, 'PT409', 'channel_disconnected', 'or can ask for a synchronisation');
select is(pg_temp.finish(pg_temp.owner(), pg_temp.channel(), pg_temp.resource(), pg_temp.tokens()) ->> 'state', 'connected', 'until it is connected again');

-- Asking for a synchronisation -----------------------------------------------------------------------------------------

select throws_ok($$ select engine.request_sync(pg_temp.viewer(), null, pg_temp.channel()) $$, 'PT403', 'role_too_low', 'viewers do not ask for one');
select is(engine.request_sync(pg_temp.owner(), '{"key": "k", "fingerprint": "f"}', pg_temp.channel()),
  engine.request_sync(pg_temp.owner(), '{"key": "k", "fingerprint": "f"}', pg_temp.channel()), 'the same request has the same answer');
select throws_ok($$ select engine.request_sync(pg_temp.owner(), '{"key": "k", "fingerprint": "g"}', pg_temp.channel()) $$,
  'PT422', 'idempotency_key_reused', 'another request with its key is refused');

-- The synchronisation --------------------------------------------------------------------------------------------------

update private.steps set state = 'running', fence = fence + 1 where kind = 'channel.sync' and subject_id = pg_temp.channel();
create function pg_temp.step() returns uuid language sql as $$
  select id from private.steps where kind = 'channel.sync' and subject_id = pg_temp.channel()
$$;
create function pg_temp.fence() returns bigint language sql as $$
  select fence from private.steps where kind = 'channel.sync' and subject_id = pg_temp.channel()
$$;
create function pg_temp.video(p_id text, p_age interval, p_views bigint default 100, p_privacy text default 'public') returns jsonb language sql as $$
  select jsonb_build_object('youtube_video_id', p_id, 'title', 'Video ' || p_id, 'tags', jsonb_build_array('t'),
    'published_at', private.now() - p_age, 'privacy', p_privacy, 'views', p_views, 'likes', 5, 'comments', null)
$$;
create function pg_temp.batch() returns text[] language sql as $$
  select array(select v ->> 'youtube_video_id' from jsonb_array_elements(engine.sync_batch(pg_temp.step(), pg_temp.fence(), 1000)) v order by 1)
$$;
select throws_ok($$ select engine.begin_sync(pg_temp.step(), pg_temp.fence() - 1) $$, 'PT409', 'stale_fence', 'a claim that was taken over starts nothing');
select is(engine.begin_sync(pg_temp.step(), pg_temp.fence()) - array['pass', 'features'] @> '{"phase": "identity", "kind": "full"}', true, 'the first pass is a full one');
select is(engine.begin_sync(pg_temp.step(), pg_temp.fence()) ->> 'pass', '1', 'and goes on when it was interrupted');
select is(engine.save_identity(pg_temp.step(), pg_temp.fence(), pg_temp.resource()) ->> 'phase', 'catalogue', 'after the channel comes the catalogue');
select is(engine.save_videos(pg_temp.step(), pg_temp.fence(),
  jsonb_build_array(pg_temp.video('a', '2 hours'), pg_temp.video('b', '200 days'), pg_temp.video('c', '1 day', 7, 'private')), '{}', 'page2', 5) ->> 'new', '3', 'a batch is stored');
select throws_ok($$ select engine.save_videos(pg_temp.step(), pg_temp.fence() - 1, '[]', '{}', 'page9', 5) $$, 'PT409', 'stale_fence', 'a stale claim stores nothing');
select is(engine.begin_sync(pg_temp.step(), pg_temp.fence()) ->> 'page_token', 'page2', 'an interrupted catalogue goes on at the page it had reached');
select is((select sync @> '{"videos_found": 5, "videos_synced": 3, "state": "running"}' from public.channels where id = pg_temp.channel()), true, 'progress is visible');
select is(array(select v.youtube_video_id from public.video_snapshots s join public.videos v on v.id = s.video_id order by 1), '{a,b}',
  'each public video has a snapshot, a private one has none');
select is((select next_checkpoint_at - published_at from public.videos where youtube_video_id = 'a'), interval '3 hours', 'and knows when the model looks next');
select is((select next_checkpoint_at from public.videos where youtube_video_id = 'b'), null, 'an old one is past its last age');
select is(engine.save_videos(pg_temp.step(), pg_temp.fence(),
  jsonb_build_array(pg_temp.video('a', '2 hours', 150)), '{}', null, 5) ->> 'new', '0', 'storing again makes no second video');
select is((select views from public.videos where youtube_video_id = 'a'), 150::bigint, 'but newer numbers');
insert into public.videos (channel_id, youtube_video_id, title, published_at) values (pg_temp.channel(), 'old', 'Gone', private.now() - interval '1 year');
select is(engine.advance_sync(pg_temp.step(), pg_temp.fence(), 'catalogue') ->> 'phase', 'verify', 'what a whole pass did not meet');
select is(pg_temp.batch(), '{old}', 'is looked for');
select lives_ok($$ select engine.save_videos(pg_temp.step(), pg_temp.fence(), '[]', '{old}', null, null) $$, 'and marked');
select is((select gone_at is not null from public.videos where youtube_video_id = 'old'), true, 'when it is gone');
select is(engine.advance_sync(pg_temp.step(), pg_temp.fence(), 'catalogue') ->> 'phase', 'verify', 'a phase ends once');
select is(engine.advance_sync(pg_temp.step(), pg_temp.fence(), 'verify') ->> 'phase', 'formats', 'then formats');
select is(pg_temp.batch(), '{a,b}', 'of what is public and unknown');
select lives_ok($$ select engine.save_formats(pg_temp.step(), pg_temp.fence(), '{a,b}', '{"a": "short"}') $$, 'are stored');
select is(pg_temp.batch(), '{}', 'what Analytics does not know is not asked for again in this pass');
select is((select format from public.videos where youtube_video_id = 'a'), 'short', 'a short is a short');
select throws_ok($$ select engine.save_formats(pg_temp.step(), pg_temp.fence(), '{a}', '{"a": "podcast"}') $$, '23514', null, 'and nothing else than the three');
select is(engine.advance_sync(pg_temp.step(), pg_temp.fence(), 'formats') ->> 'phase', 'curves', 'then curves');
select is(pg_temp.batch(), '{a,b}', 'of the newest');
select lives_ok($$ select engine.save_curves(pg_temp.step(), pg_temp.fence(), '2026-11-19', jsonb_build_array(jsonb_build_object(
  'video_id', (select id from public.videos where youtube_video_id = 'b'), 'average_view_percentage', 48.5,
  'snapshots', jsonb_build_array(
    jsonb_build_object('basis', 'engaged_views', 'observed_at', private.now() - interval '190 days', 'views', 900, 'likes', 9, 'comments', 1, 'average_view_percentage', 50),
    jsonb_build_object('basis', 'engaged_views', 'observed_at', private.now() - interval '300 days', 'views', 1, 'likes', 0, 'comments', 0, 'average_view_percentage', null))))) $$,
  'are stored');
select is((select array_agg(round(age_hours)::integer) from public.video_snapshots s join public.videos v on v.id = s.video_id
  where v.youtube_video_id = 'b' and basis = 'engaged_views'), '{240}', 'but nothing from before the publication');
select is(engine.advance_sync(pg_temp.step(), pg_temp.fence(), 'curves') ->> 'phase', 'idle', 'the pass ends');
select is((select sync @> '{"state": "idle", "videos_synced": 3}' and last_synced_at is not null from public.channels where id = pg_temp.channel()), true, 'with its result');
select is((select state from private.steps where kind = 'channel.score' and subject_id = pg_temp.channel()), 'waiting', 'and the channel is scored');

-- Later passes ---------------------------------------------------------------------------------------------------------

select is((select (engine.begin_sync(pg_temp.step(), pg_temp.fence()) ->> 'next_in_seconds')::integer between 3000 and 3600), true,
  'the next look is when a video reaches the model''s next age');
update public.videos set next_checkpoint_at = private.now() - interval '1 minute' where youtube_video_id = 'a';
select is(engine.begin_sync(pg_temp.step(), pg_temp.fence()) - array['pass', 'features'] @> '{"phase": "verify", "kind": "checkpoints"}', true, 'then it is looked at what is due');
select is(pg_temp.batch(), '{}', 'no video has become public,');
select is(engine.advance_sync(pg_temp.step(), pg_temp.fence(), 'verify') ->> 'phase', 'counters', 'so counters are read');
select is(pg_temp.batch(), '{a}', 'of that video');
select lives_ok($$ select engine.save_counters(pg_temp.step(), pg_temp.fence(), '{a}', '[{"youtube_video_id": "a", "views": 400, "likes": null, "comments": 2}]') $$, 'and stored');
select is((select views || ' ' || likes || ' ' || comments from public.videos where youtube_video_id = 'a'), '400 5 2', 'what YouTube hides keeps its last number');
select is(pg_temp.batch(), '{}', 'once');
select is(engine.advance_sync(pg_temp.step(), pg_temp.fence(), 'counters') ->> 'phase', 'idle', 'that is all of such a pass');

insert into public.videos (channel_id, youtube_video_id, title, privacy, publish_at, counted_at) values
  (pg_temp.channel(), 'd', 'Scheduled', 'private', private.now() + interval '10 minutes', private.now());
select is((engine.begin_sync(pg_temp.step(), pg_temp.fence()) ->> 'next_in_seconds')::integer between 600 and 630, true,
  'a video that YouTube makes public by itself is looked at half a minute after its time');
update public.videos set publish_at = private.now() - interval '1 minute', counted_at = private.now() - interval '1 hour' where youtube_video_id = 'd';
select is(engine.begin_sync(pg_temp.step(), pg_temp.fence()) ->> 'phase', 'verify', 'then');
select is(pg_temp.batch(), '{d}', 'alone');
select lives_ok($$ select engine.save_videos(pg_temp.step(), pg_temp.fence(),
  jsonb_build_array(pg_temp.video('d', null, 0, 'private')), '{}', null, null) $$, 'if YouTube is late');
select is(pg_temp.batch(), '{}', 'it is not asked at once again');
update public.videos set counted_at = private.now() - interval '16 minutes', publish_at = private.now() - interval '20 minutes' where youtube_video_id = 'd';
select is(pg_temp.batch(), '{d}', 'but a quarter of an hour later');
select lives_ok($$ select engine.save_videos(pg_temp.step(), pg_temp.fence(),
  jsonb_build_array(pg_temp.video('d', null, 12)), '{}', null, null) $$, 'when it is public');
select is((select round(extract(epoch from private.now() - published_at) / 60)::integer from public.videos where youtube_video_id = 'd'), 20,
  'it became so at its time');
select is((select round(s.age_hours * 60)::integer from public.video_snapshots s join public.videos v on v.id = s.video_id where v.youtube_video_id = 'd'), 20,
  'and has its first snapshot');
select is((select next_checkpoint_at - published_at from public.videos where youtube_video_id = 'd'), interval '45 minutes', 'and its next age');
select is(engine.advance_sync(pg_temp.step(), pg_temp.fence(), 'verify') ->> 'phase', 'counters', 'then counters');
select is(engine.advance_sync(pg_temp.step(), pg_temp.fence(), 'counters') ->> 'phase', 'idle', 'and that is all');
update public.videos set privacy = 'private', published_at = null, publish_at = null where youtube_video_id = 'd';
update private.channel_syncs set requested_at = private.now() where channel_id = pg_temp.channel();
select is(engine.begin_sync(pg_temp.step(), pg_temp.fence()) - array['pass', 'features'] @> '{"phase": "identity", "kind": "refresh"}', true, 'a request starts a refresh');
select lives_ok($$ select engine.pause_sync(pg_temp.step(), pg_temp.fence(), 'quota_exhausted', 3600) $$, 'which may wait');
select is((select sync @> '{"state": "waiting", "reason": "quota_exhausted"}' from public.channels where id = pg_temp.channel()), true, 'and says for what');
select is(engine.begin_sync(pg_temp.step(), pg_temp.fence()) ->> 'phase', 'identity', 'and goes on');
select is((select sync ? 'reason' from public.channels where id = pg_temp.channel()), false, 'without the reason');
select is(engine.advance_sync(pg_temp.step(), pg_temp.fence(), 'identity') ->> 'phase', 'catalogue', 'to the head of the list');
update private.channel_syncs set pass_started_at = private.now() + interval '1 second' where channel_id = pg_temp.channel();
select is(engine.advance_sync(pg_temp.step(), pg_temp.fence(), 'catalogue') ->> 'phase', 'verify', 'and to what was not public');
select is(pg_temp.batch(), '{c,d}', 'wherever it stands in the list');
select lives_ok($$ select engine.save_videos(pg_temp.step(), pg_temp.fence(),
  jsonb_build_array(pg_temp.video('d', null, 12)), '{}', null, null) $$, 'one that somebody has made public by hand');
select is((select full_at from private.channel_syncs where channel_id = pg_temp.channel()), null, 'has the whole list read, which knows since when');
select is(engine.advance_sync(pg_temp.step(), pg_temp.fence(), 'verify') ->> 'phase', 'counters', 'then counters');
select is(engine.advance_sync(pg_temp.step(), pg_temp.fence(), 'counters') ->> 'phase', 'formats', 'and formats');
insert into public.videos (channel_id, youtube_video_id, title, privacy, published_at, views)
select pg_temp.channel(), 'u' || n, 'Unknown', 'public', private.now() - interval '8 days', 1000 from generate_series(1, 12) n;
select lives_ok($$ select engine.refuse_formats(pg_temp.step(), pg_temp.fence(), 'badRequest') $$, 'which Analytics may refuse');
update private.channel_syncs set formats_refused_at = pass_started_at where channel_id = pg_temp.channel();
select private.judge_formats(pg_temp.channel());
select is((select formats_reason || ' ' || formats_unknown || ' ' || formats_refusal from private.channel_syncs where channel_id = pg_temp.channel()), 'refused 13 badRequest',
  'then the channel says so');
update private.channel_syncs set formats_refusal = 'quota_exhausted' where channel_id = pg_temp.channel();
select private.judge_formats(pg_temp.channel());
select is((select formats_reason from private.channel_syncs where channel_id = pg_temp.channel()), null, 'but not of an allowance that is spent for today');
update private.channel_syncs set formats_refused_at = null where channel_id = pg_temp.channel();
select private.judge_formats(pg_temp.channel());
select is((select formats_reason from private.channel_syncs where channel_id = pg_temp.channel()), 'not_told', 'or that most are left out');
update public.videos set format = 'long' where youtube_video_id like 'u%' and channel_id = pg_temp.channel();
select private.judge_formats(pg_temp.channel());
select is((select formats_reason from private.channel_syncs where channel_id = pg_temp.channel()), null, 'and nothing when all but a few are known');
delete from public.videos where youtube_video_id like 'u%' and channel_id = pg_temp.channel();
select lives_ok($$ select private.on_dead_channel_sync(pg_temp.channel(), '{"code": "no_channel"}') $$, 'given up,');
select is((select sync @> '{"state": "failed", "reason": "no_channel"}' from public.channels where id = pg_temp.channel()), true, 'it says why');

-- Who sees what --------------------------------------------------------------------------------------------------------

create function pg_temp.seen(p_user uuid, p_table text) returns bigint language plpgsql as $$
declare
  v_count bigint;
begin
  perform pg_temp.act_as(p_user);
  execute format('select count(*) from public.%I', p_table) into v_count;
  perform set_config('role', 'postgres', true);
  return v_count;
end
$$;
select unnest(array[
  cmp_ok(pg_temp.seen(pg_temp.owner(), t), '>', 0::bigint, 'the owner sees ' || t),
  cmp_ok(pg_temp.seen(pg_temp.viewer(), t), '>', 0::bigint, 'a viewer sees ' || t),
  is(pg_temp.seen(pg_temp.stranger(), t), 0::bigint, 'a stranger sees no ' || t)])
from unnest(array['channels', 'channel_members', 'videos', 'video_snapshots']) t;
select is(pg_temp.seen(pg_temp.owner(), 'users'), 1::bigint, 'everybody sees themselves only');
select is(has_table_privilege(r, 'public.' || t, p), false, r || ' may not ' || p || ' ' || t)
from unnest(array['anon', 'authenticated', 'service_role']) r, unnest(array['users', 'channels', 'channel_members', 'videos', 'video_snapshots']) t,
  unnest(array['insert', 'update', 'delete', 'truncate']) p;
select is(has_table_privilege('anon', 'public.' || t, 'select'), false, 'anon may not read ' || t)
from unnest(array['users', 'channels', 'channel_members', 'videos', 'video_snapshots']) t;
select is(has_table_privilege(r, 'private.' || t, 'select'), false, r || ' may not read ' || t)
from unnest(array['anon', 'authenticated', 'service_role']) r, unnest(array['channel_credentials', 'oauth_states', 'channel_syncs']) t;
select is(has_function_privilege(r, p.oid, 'execute'), false, r || ' may not call ' || p.proname)
from pg_proc p join pg_namespace n on n.oid = p.pronamespace, unnest(array['anon', 'authenticated']) r where n.nspname = 'engine';
select is_empty($$
  select p.oid::regprocedure from pg_proc p
  where p.pronamespace = 'engine'::regnamespace and not has_function_privilege('service_role', p.oid, 'execute')
$$, 'service_role may call every engine function');
select is_empty($$
  select p.oid::regprocedure from pg_proc p
  where p.pronamespace = 'engine'::regnamespace and pg_get_expr(p.proargdefaults, 0) ~ 'NULL'
$$, 'nulls are sent, so no parameter of an engine function is null by default');

-- Profile --------------------------------------------------------------------------------------------------------------

select is(engine.update_profile(pg_temp.owner(), null, '{"display_name": "Ada", "time_zone": "Asia/Kathmandu"}') ->> 'display_name', 'Ada', 'a profile is changed');
select is(engine.update_profile(pg_temp.owner(), 2, '{"display_name": null}') ->> 'time_zone', 'Asia/Kathmandu', 'what is absent stays');
select throws_ok($$ select engine.update_profile(pg_temp.owner(), 1, '{"display_name": "Eve"}') $$, 'PT412', 'version_mismatch', 'an older edit is refused');
select throws_ok($$ select engine.update_profile(pg_temp.owner(), null, '{"time_zone": "Mars/Olympus"}') $$, 'PT422', 'invalid_body', 'zones are checked');

-- Erasure --------------------------------------------------------------------------------------------------------------

select throws_ok($$ select engine.begin_erase_channel(pg_temp.viewer(), pg_temp.channel(), null) $$, 'PT403', 'role_too_low', 'viewers erase nothing');
select throws_ok($$ select engine.begin_erase_channel(pg_temp.stranger(), pg_temp.channel(), null) $$, 'PT404', 'not_found', 'strangers find nothing');
select is(engine.erase_channel(pg_temp.channel(), true) ->> 'erased', 'false', 'nothing is erased that was not asked for');
insert into public.channels (id, youtube_channel_id, title) values ('00000000-0000-4000-8000-00000000c102', 'UCbrand', 'Of the same account');
insert into private.channel_credentials (channel_id, owner_id, refresh_token, google_account)
values ('00000000-0000-4000-8000-00000000c102', pg_temp.stranger(), 'v1.k.n.other', 'g7');
update private.channel_credentials set google_account = 'g7' where channel_id = pg_temp.channel();
create function pg_temp.shared() returns boolean language sql as $$ select (engine.credentials_to_revoke(pg_temp.channel()) ->> 'shared')::boolean $$;
select is(pg_temp.shared(), true, 'a grant that another channel lives on is not to be ended, whoever has that channel');
update public.channels set state = 'erasing', state_reason = 'erasing' where id = '00000000-0000-4000-8000-00000000c102';
select is(pg_temp.shared(), false, 'of two that are erased the last one ends it');
select is(engine.is_grant_unused('g7', null), false, 'no refused consent does');
alter function private.withdrawing(uuid) rename to real_withdrawing;
create function private.withdrawing(p_channel uuid) returns boolean language sql as 'select true';
select is(pg_temp.shared(), true, 'and not before the videos of the other are withdrawn');
drop function private.withdrawing(uuid);
alter function private.real_withdrawing(uuid) rename to withdrawing;
update private.channel_credentials set refresh_token = null where channel_id = '00000000-0000-4000-8000-00000000c102';
update public.channels set state = 'connected', state_reason = null where id = '00000000-0000-4000-8000-00000000c102';
select is(pg_temp.shared(), false, 'a channel without a token needs none');
delete from public.channels where id = '00000000-0000-4000-8000-00000000c102';
select is(engine.begin_erase_user(pg_temp.owner(), null) -> 'channels' -> 0 ->> 'refresh_token', 'v1.k.n.refresh', 'erasing a user names what is to be revoked');
select is((select state from public.channels where id = pg_temp.channel()), 'erasing', 'stops the channel');
select is((select count(*) from private.steps where channel_id = pg_temp.channel() and kind <> 'channel.erase' and state in ('waiting', 'running')), 0::bigint, 'and its work');
select is((select count(*) from auth.users where id = pg_temp.owner()), 1::bigint, 'the account waits for the channel');
select is(engine.erase_channel(pg_temp.channel(), true) ->> 'erased', 'true', 'the channel goes');
select is((select count(*) from public.videos) + (select count(*) from public.video_snapshots)
  + (select count(*) from private.channel_credentials) + (select count(*) from private.channel_syncs), 0::bigint, 'with everything stored about it');
select is((select count(*) from auth.users where id = pg_temp.owner()), 0::bigint, 'and the account after it');
select is((engine.begin_erase_user(pg_temp.stranger(), null) ->> 'erased')::boolean, true, 'a user without channels is gone at once');
select is(engine.erase_channel(pg_temp.channel(), true) ->> 'erased', 'false', 'erasing again changes nothing');

select * from finish();
rollback;

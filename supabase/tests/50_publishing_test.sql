begin;
select plan(158);

-- People, channels, renders ------------------------------------------------------------------------------------------

\ir channels.seed
create function pg_temp.render(p_state text default 'ready', p_channel uuid default pg_temp.channel()) returns uuid language plpgsql as $$
declare
  v_id uuid := gen_random_uuid();
begin
  insert into public.renders (id, channel_id, content_hash, request, estimated_credits, estimate_basis)
  values (v_id, p_channel, 'h', '{}', 1, 'provider');
  if p_state = 'requested' then
    return v_id;
  elsif p_state = 'cancelled' then
    update public.renders set state = 'cancelled' where id = v_id;
    return v_id;
  end if;
  update public.renders set state = 'submitting' where id = v_id;
  update public.renders set state = 'queued', provider_job_id = v_id::text where id = v_id;
  if p_state = 'ready' then
    update public.renders set state = 'rendering' where id = v_id;
    update public.renders set state = 'ready', file_bytes = 100 where id = v_id;
  end if;
  return v_id;
end
$$;
-- A day far from all others, so that what other tests book does not count.
create function pg_temp.day() returns timestamptz language sql as $$ select date_trunc('day', private.now()) + interval '200 days 12 hours' $$;
create function pg_temp.upload(p_render uuid, p_more jsonb default '{}') returns jsonb language sql as $$
  select jsonb_build_object(
    'render_id', p_render, 'title', 'A title', 'title_key', p_render, 'description', 'Text', 'tags', '["a", "b c"]'::jsonb,
    'made_for_kids', false, 'altered_content', true, 'publish_at', pg_temp.day()) || p_more
$$;
create function pg_temp.schedule(p_render uuid, p_more jsonb default '{}', p_user uuid default pg_temp.owner(), p_key jsonb default null)
returns uuid language sql as $$
  select (engine.schedule_upload(p_user, p_key, pg_temp.upload(p_render, p_more)) ->> 'id')::uuid
$$;
create function pg_temp.row(p_id uuid) returns public.scheduled_uploads language sql as $$
  select * from public.scheduled_uploads where id = p_id
$$;
create function pg_temp.step(p_id uuid) returns uuid language sql as $$
  select id from private.steps where kind = 'upload.advance' and subject_id = p_id
$$;
create function pg_temp.fence(p_id uuid) returns bigint language sql as $$
  select fence from private.steps where kind = 'upload.advance' and subject_id = p_id
$$;
-- Claims the upload's step, as a worker would.
create function pg_temp.claim(p_id uuid) returns bigint language sql as $$
  update private.steps set state = 'running', fence = fence + 1, attempts = attempts + 1, run_again = false,
    lease_until = private.now() + interval '1 minute'
  where kind = 'upload.advance' and subject_id = p_id returning fence
$$;
create function pg_temp.prepare(p_id uuid) returns jsonb language sql as $$
  select engine.prepare_upload(pg_temp.step(p_id), pg_temp.fence(p_id))
$$;
create function pg_temp.open(p_id uuid, p_version bigint default null) returns jsonb language sql as $$
  select engine.record_upload_session(pg_temp.step(p_id), pg_temp.fence(p_id), coalesce(p_version, (pg_temp.row(p_id)).version), null,
    jsonb_build_object('id', gen_random_uuid(), 'session_uri', 'v1.sealed', 'publish_at', (pg_temp.row(p_id)).publish_at, 'bytes_total', 100))
$$;
create function pg_temp.advance(p_id uuid, p_change jsonb) returns text language sql as $$
  select engine.advance_upload(pg_temp.step(p_id), pg_temp.fence(p_id), (pg_temp.row(p_id)).state, p_change) #>> '{upload,state}'
$$;
create function pg_temp.session(p_id uuid) returns private.upload_sessions language sql as $$
  select * from private.upload_sessions where upload_id = p_id order by opened_at desc, id limit 1
$$;
-- Takes an upload to a state on the ordinary way.
create function pg_temp.at(p_state text, p_more jsonb default '{}') returns uuid language plpgsql as $$
declare
  v_id uuid := pg_temp.schedule(pg_temp.render(), p_more);
begin
  perform pg_temp.claim(v_id);
  if p_state = 'scheduled' then return v_id; end if;
  perform pg_temp.prepare(v_id);
  if p_state = 'preparing' then return v_id; end if;
  perform pg_temp.open(v_id);
  if p_state = 'uploading' then return v_id; end if;
  if p_state = 'outcome_unknown' then
    perform pg_temp.advance(v_id, '{"state": "outcome_unknown", "reason": "reconciling", "session_outcome": "gone"}');
    return v_id;
  end if;
  perform engine.adopt_video(pg_temp.step(v_id), pg_temp.fence(v_id), 'yt-' || v_id);
  if p_state = 'processing' then return v_id; end if;
  perform pg_temp.advance(v_id, '{"state": "on_youtube", "reason": null}');
  if p_state = 'on_youtube' then return v_id; end if;
  perform pg_temp.advance(v_id, '{"state": "published", "reason": "on_time"}');
  return v_id;
end
$$;
create function pg_temp.hours(p_hours integer) returns jsonb language sql as $$
  select jsonb_build_object('publish_at', pg_temp.day() + make_interval(hours => p_hours))
$$;
create temp table made (name text primary key, id uuid);
delete from private.quota_ledger;
insert into private.settings (key, value) values ('quota_capacity', '{}'), ('quota_headroom', '{}');

-- Rules of access ----------------------------------------------------------------------------------------------------

select is((select relrowsecurity from pg_class where oid = 'public.scheduled_uploads'::regclass), true, 'uploads are under row level security');
select is((select relrowsecurity from pg_class where oid = 'private.upload_sessions'::regclass), true, 'so are their sessions');
select is((select relrowsecurity from pg_class where oid = 'private.quota_ledger'::regclass), true, 'and the quota');
select is((select relrowsecurity from pg_class where oid = 'private.quota_reservations'::regclass), true, 'and its reservations');
select is((select relrowsecurity from pg_class where oid = 'private.calendar_feeds'::regclass), true, 'and the calendar''s secrets');
select ok(not has_table_privilege('authenticated', 'public.scheduled_uploads', 'insert, update, delete'), 'users write no uploads');
select ok(not has_table_privilege('service_role', 'public.scheduled_uploads', 'insert, update, delete'), 'the secret key writes none either');
select ok(not has_table_privilege('anon', 'public.scheduled_uploads', 'select'), 'nobody reads uploads without signing in');
select ok(not has_table_privilege('service_role', 'private.upload_sessions', 'select'), 'sessions are read through functions only');
select ok(not has_table_privilege('authenticated', 'private.calendar_feeds', 'select'), 'users do not read the secrets'' hashes');
select is(
  (select count(*) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'engine' and p.proname in (
      'reserve_quota', 'settle_quota', 'schedule_upload', 'edit_upload', 'cancel_upload', 'full_upload_days', 'open_upload', 'prepare_upload',
      'record_upload_session', 'resume_upload_session', 'record_upload_progress', 'adopt_video', 'advance_upload', 'unclaimed_videos',
      'open_thumbnail', 'record_thumbnail',
      'set_calendar_feed', 'revoke_calendar_feed', 'read_calendar_feed')
    and p.prosecdef and not has_function_privilege('anon', p.oid, 'execute') and not has_function_privilege('authenticated', p.oid, 'execute')
    and has_function_privilege('service_role', p.oid, 'execute')),
  19::bigint, 'the functions of publishing are for the secret key alone');

-- Quota --------------------------------------------------------------------------------------------------------------

select is(private.quota_day_start('2026-11-01'), '2026-11-01T07:00Z'::timestamptz, 'a quota day starts at midnight in Los Angeles');
select is(private.quota_day_start('2026-11-02') - private.quota_day_start('2026-11-01'), interval '25 hours', 'one day a year has 25 hours');
select is(private.quota_day_start('2027-03-15') - private.quota_day_start('2027-03-14'), interval '23 hours', 'and one has 23');
select is(private.quota_day('2026-11-22T07:59:59Z'), '2026-11-21'::date, 'before midnight there it is still yesterday');
update private.settings set value = value || '{"search": 3}' where key = 'quota_capacity';
create temp table grants as select g, engine.reserve_quota('search', 1, null, 'ordinary') as answer from generate_series(1, 4) as g;
select is((select count(*) from grants where (answer ->> 'granted')::boolean)::integer, 3, 'no more is granted than there is');
select is((select answer ->> 'reason' from grants where g = 4), 'full', 'a refusal says that the day is full');
select is(
  (select (answer ->> 'resets_at')::timestamptz from grants where g = 4), private.quota_day_start(private.quota_day(private.now()) + 1),
  'and when it starts anew');
select ok(engine.settle_quota((select (answer ->> 'reservation')::uuid from grants where g = 1), 0, false), 'what was not spent is given back');
select ok(not engine.settle_quota((select (answer ->> 'reservation')::uuid from grants where g = 1), 0, false), 'once');
select is((engine.reserve_quota('search', 1, null, 'ordinary') ->> 'granted')::boolean, true, 'and can be had again');
select ok(engine.settle_quota((select (answer ->> 'reservation')::uuid from grants where g = 2), 1, true), 'YouTube''s own word is taken');
select is(engine.reserve_quota('search', 1, null, 'ordinary') ->> 'reason', 'exhausted', 'it ends the day, whatever our count says');
select throws_ok($$ select engine.reserve_quota('other', 1, null, 'ordinary') $$, '22023', null, 'there are four buckets');
select throws_ok($$ select engine.reserve_quota('units', 0, null, 'ordinary') $$, '22023', null, 'and nothing is reserved for nothing');

-- Shares of the quota ------------------------------------------------------------------------------------------------

update private.settings set value = value || '{"batch_get_stats": 1000}' where key = 'quota_capacity';
create function pg_temp.take(p_channel uuid, p_purpose text, p_units integer default 10) returns text language sql as $$
  select coalesce(answer ->> 'reason', 'granted') from engine.reserve_quota('batch_get_stats', p_units, p_channel, p_purpose) as answer
$$;
create function pg_temp.taken(p_channel uuid) returns integer language sql as $$
  select used from private.quota_shares
  where bucket = 'batch_get_stats' and channel_id = p_channel and quota_day = private.quota_day(private.now())
$$;
delete from private.quota_ledger where bucket = 'batch_get_stats';
select ok((select count(*) > 0 from generate_series(1, 200) where pg_temp.take(pg_temp.channel(), 'ordinary') = 'share'), 'one channel does not get everything');
select ok(pg_temp.taken(pg_temp.channel()) between 250 and 750, 'but a good part when nobody else asks');
select is(pg_temp.take(pg_temp.others_channel(), 'ordinary', 50), 'granted', 'another has its share whatever the first did');
update private.quota_ledger set spent = 100000 where bucket = 'batch_get_stats';
select is(pg_temp.take(pg_temp.others_channel(), 'ordinary'), 'full', 'by our own count the day may be over');
select is(pg_temp.take(pg_temp.others_channel(), 'withdrawal', 51), 'granted', 'a withdrawal is never stopped by it');
update private.quota_ledger set exhausted_at = private.now() where bucket = 'batch_get_stats';
select is(pg_temp.take(pg_temp.others_channel(), 'withdrawal', 51), 'granted', 'and not by what YouTube said before: it is asked again');
update private.settings set value = value || '{"batch_get_stats": 100}' where key = 'quota_headroom';
update private.quota_ledger set exhausted_at = null, reserved = 0, spent = 900, borrowed = 0 where bucket = 'batch_get_stats';
delete from private.quota_shares where bucket = 'batch_get_stats';
select is(pg_temp.take(pg_temp.channel(), 'ordinary'), 'share', 'what is kept for the due is not for the ordinary');
select is(pg_temp.take(pg_temp.channel(), 'due'), 'granted', 'but for them');

delete from private.quota_ledger where bucket = 'batch_get_stats';
create temp table given as select engine.reserve_quota('batch_get_stats', 900, pg_temp.channel(), 'ordinary') ->> 'reservation' as id;
select is((select id from given), null, 'what is more than a channel may have is refused whole');
create temp table lent as select (engine.reserve_quota('batch_get_stats', 400, pg_temp.channel(), 'ordinary') ->> 'reservation')::uuid as id;
select ok((select borrowed from private.quota_ledger where bucket = 'batch_get_stats') > 0, 'beyond its share a channel borrows');
select engine.settle_quota((select id from lent), 0, false);
select is((select borrowed from private.quota_ledger where bucket = 'batch_get_stats'), 0, 'and gives back what it did not spend');
select is(pg_temp.taken(pg_temp.channel()), 0, 'nothing is counted then');

-- Erased and connected again
delete from private.quota_ledger where bucket = 'batch_get_stats';
create temp table back as select '00000000-0000-4000-8000-00000000c008'::uuid as first, '00000000-0000-4000-8000-00000000c009'::uuid as second;
insert into public.channels (id, youtube_channel_id, title, time_zone) select first, 'UC-back', 'Back', 'UTC' from back;
select ok((select count(*) > 0 from generate_series(1, 200) where pg_temp.take((select first from back), 'ordinary') = 'share'), 'who has had a share');
delete from public.channels using back where id = first;
insert into public.channels (id, youtube_channel_id, title, time_zone) select second, 'UC-back', 'Back', 'UTC' from back;
select is(pg_temp.take(second, 'ordinary'), 'share', 'and is erased and connects again gets no other') from back;
delete from public.channels using back where id = second;

-- Scheduling ---------------------------------------------------------------------------------------------------------

insert into made select 'first', pg_temp.schedule(pg_temp.render());
select is((pg_temp.row((select id from made where name = 'first'))).state, 'scheduled', 'a render is scheduled');
select is(
  (pg_temp.row((select id from made where name = 'first'))).local_time,
  (pg_temp.row((select id from made where name = 'first'))).publish_at at time zone 'Europe/Berlin', 'its time is told on the channel''s clocks');
select is((pg_temp.row((select id from made where name = 'first'))).tags, array['a', 'b c'], 'tags are kept');
select isnt(pg_temp.step((select id from made where name = 'first')), null, 'and its step is due');
select throws_ok($$ select pg_temp.schedule(gen_random_uuid()) $$, 'PT404', 'not_found', 'an unknown render is refused');
select throws_ok($$ select pg_temp.schedule(pg_temp.render(), '{}', pg_temp.stranger()) $$, 'PT404', 'not_found', 'a foreign one looks the same');
select throws_ok($$ select pg_temp.schedule(pg_temp.render(), '{}', pg_temp.viewer()) $$, 'PT403', 'role_too_low', 'a viewer schedules nothing');
select throws_ok(
  $$ select pg_temp.schedule(pg_temp.render(), '{"made_for_kids": null}') $$, 'PT422', 'answers_missing', 'the made-for-kids answer must be there');
select throws_ok(
  $$ select pg_temp.schedule(pg_temp.render(), '{"altered_content": null}') $$, 'PT422', 'answers_missing', 'the altered-content answer too');
select throws_ok(
  $$ select pg_temp.schedule(pg_temp.render(), '{"publish_at": "2020-01-01T00:00:00Z"}') $$, 'PT422', 'publish_time_past', 'the past is refused');
select throws_ok(
  $$ select pg_temp.schedule(pg_temp.render('cancelled')) $$, 'PT409', 'invalid_state', 'a render without a file is refused');
select throws_ok(
  $$ select pg_temp.schedule(pg_temp.render(), jsonb_build_object('publish_at', pg_temp.day() + interval '59 minutes')) $$,
  'PT409', 'slot_taken', 'two videos keep the channel''s gap');
select lives_ok(
  $$ select pg_temp.schedule(pg_temp.render(), jsonb_build_object('publish_at', pg_temp.day() + interval '60 minutes')) $$, 'the gap itself is enough');
select throws_ok(
  $$ select pg_temp.schedule((select render_id from public.scheduled_uploads where id = (select id from made where name = 'first')), pg_temp.hours(5)) $$,
  'PT409', 'duplicate_upload', 'one render is published once');
insert into made select 'titled', pg_temp.schedule(pg_temp.render(), pg_temp.hours(24 * 40) || '{"title_key": "same"}');
select throws_ok(
  $$ select pg_temp.schedule(pg_temp.render(), pg_temp.hours(24 * 69) || '{"title_key": "same"}') $$,
  'PT409', 'duplicate_title', 'a title waits 30 days');
select lives_ok(
  $$ select pg_temp.schedule(pg_temp.render(), pg_temp.hours(24 * 70) || '{"title_key": "same"}') $$, 'and no longer');
select lives_ok(
  $$ select pg_temp.schedule(pg_temp.render('ready', pg_temp.others_channel()), '{"title_key": "same"}', pg_temp.stranger()) $$,
  'another channel is not in the way');
select lives_ok($$ select pg_temp.schedule(pg_temp.render('requested'), pg_temp.hours(30)) $$, 'a render may still be running');
update public.channels set state = 'disconnected', state_reason = 'grant_revoked' where id = pg_temp.channel();
select throws_ok($$ select pg_temp.schedule(pg_temp.render(), pg_temp.hours(48)) $$, 'PT409', 'channel_disconnected', 'the channel must be connected');
update public.channels set state = 'connected', state_reason = null where id = pg_temp.channel();

select is(
  pg_temp.schedule(pg_temp.render(), pg_temp.hours(50), pg_temp.owner(), '{"key": "k", "fingerprint": "f"}'),
  pg_temp.schedule(pg_temp.render(), pg_temp.hours(51), pg_temp.owner(), '{"key": "k", "fingerprint": "f"}'),
  'the same request twice is one upload');
select throws_ok(
  $$ select pg_temp.schedule(pg_temp.render(), pg_temp.hours(51), pg_temp.owner(), '{"key": "k", "fingerprint": "g"}') $$,
  'PT422', 'idempotency_key_reused', 'another request with the same key is refused');

update private.settings set value = value || '{"uploads": 2}' where key = 'quota_capacity';
select lives_ok($$ select pg_temp.schedule(pg_temp.render(), pg_temp.hours(24 * 90)) $$, 'a day has room for one');
select lives_ok($$ select pg_temp.schedule(pg_temp.render(), pg_temp.hours(24 * 90 + 2)) $$, 'and for another');
select throws_ok(
  $$ select pg_temp.schedule(pg_temp.render(), pg_temp.hours(24 * 90 + 4)) $$, 'PT409', 'upload_day_full', 'and is full then');
select ok(
  engine.full_upload_days() ? private.quota_day(pg_temp.day() + interval '90 days')::text, 'which the list of full days says');
update private.settings set value = value || '{"uploads": 100}' where key = 'quota_capacity';
insert into private.quota_ledger (bucket, quota_day, exhausted_at) values ('uploads', private.quota_day(private.now()), private.now());
select throws_ok(
  $$ select pg_temp.schedule(pg_temp.render(), jsonb_build_object('publish_at',
    greatest(private.now() + interval '1 second', private.quota_day_start(private.quota_day(private.now()) + 1) - interval '1 second'))) $$,
  'PT409', 'upload_day_full', 'a day that YouTube has ended takes no more');
delete from private.quota_ledger;

-- The ordinary way ---------------------------------------------------------------------------------------------------

select throws_ok(
  $$ select engine.open_upload(pg_temp.step((select id from made where name = 'first')), -1) $$, 'PT409', 'stale_fence',
  'a claim that was taken over reads nothing');
select is(pg_temp.claim((select id from made where name = 'first')) > 0, true, 'the step is claimed');
select is((pg_temp.prepare((select id from made where name = 'first')) ->> 'turn')::boolean, true, 'the upload gets its turn');
select is((pg_temp.row((select id from made where name = 'first'))).state, 'preparing', 'and is prepared');
select is((select reserved from private.quota_ledger where bucket = 'uploads'), 1, 'with one upload of the day set aside');
insert into made select 'second', pg_temp.at('scheduled', pg_temp.hours(52));
select is((pg_temp.prepare((select id from made where name = 'second')) ->> 'turn')::boolean, false, 'one upload at a time for each channel');
select is((pg_temp.row((select id from made where name = 'second'))).reason, 'channel_busy', 'the other one says what it waits for');
select throws_ok(
  format($$ update public.scheduled_uploads set state = 'uploading' where id = %L $$, (select id from made where name = 'second')),
  '23505', null, 'which an index guards as well');
select is((pg_temp.open((select id from made where name = 'first'), 1) ->> 'recorded')::boolean, false, 'a session for an older version is not kept');
select is((pg_temp.open((select id from made where name = 'first')) ->> 'recorded')::boolean, true, 'the session is stored');
select is((pg_temp.row((select id from made where name = 'first'))).state, 'uploading', 'before the first byte');
select throws_ok(
  format($$ insert into private.upload_sessions (id, upload_id, session_uri, bytes_total, opened_at) values (gen_random_uuid(), %L, 'x', 1, now()) $$,
    (select id from made where name = 'first')), '23505', null, 'an upload has one open session');
select is(
  engine.record_upload_progress(pg_temp.step(id), pg_temp.fence(id), (pg_temp.session(id)).id, 60, 'v1.moved') #>> '{upload,bytes_sent}',
  '60', 'progress is stored') from made where name = 'first';
select is((pg_temp.session(id)).session_uri, 'v1.moved', 'with the session''s new address') from made where name = 'first';
select throws_ok(
  format($$ select engine.edit_upload(pg_temp.owner(), %L, null, '{"title": "New"}') $$, id), 'PT409', 'invalid_state',
  'what a session was opened with is not edited') from made where name = 'first';
select is(
  engine.adopt_video(pg_temp.step(id), pg_temp.fence(id), 'yt-first') #>> '{upload,state}', 'processing', 'the video is adopted')
from made where name = 'first';
select is((pg_temp.session(id)).outcome, 'completed', 'its session has ended') from made where name = 'first';
select is((pg_temp.session(id)).session_uri, null, 'and its address is erased') from made where name = 'first';
select is(
  engine.adopt_video(pg_temp.step(id), pg_temp.fence(id), 'yt-other') #>> '{upload,youtube_video_id}', 'yt-first', 'a second video is not adopted')
from made where name = 'first';
select is((select state from private.steps where id = pg_temp.step((select id from made where name = 'second'))), 'running', 'the next in line is known');
select is((select run_again from private.steps where id = pg_temp.step((select id from made where name = 'second'))), true, 'and woken');
select is(
  engine.unclaimed_videos(pg_temp.step(id), pg_temp.fence(id), array['yt-first', 'yt-free']), '["yt-free"]', 'videos of uploads are told apart')
from made where name = 'first';
select is(pg_temp.advance(id, '{"state": "on_youtube", "reason": null}'), 'on_youtube', 'processing ends') from made where name = 'first';
select is(
  engine.advance_upload(pg_temp.step(id), pg_temp.fence(id), 'processing', '{"state": "failed", "reason": "processing_failed"}') #>> '{upload,state}',
  'on_youtube', 'a step that decided on an older state changes nothing') from made where name = 'first';
select is(pg_temp.advance(id, '{"state": "published", "reason": "on_time"}'), 'published', 'it is published') from made where name = 'first';
select throws_ok(
  format($$ select pg_temp.advance(%L, '{"state": "scheduled"}') $$, id), '23514', null, 'and stays so') from made where name = 'first';
select throws_ok(
  format($$ select engine.cancel_upload(pg_temp.owner(), %L, null) $$, id), 'PT409', 'invalid_state', 'a public video is not cancelled')
from made where name = 'first';

-- An unknown outcome -------------------------------------------------------------------------------------------------

insert into made select 'lost', pg_temp.at('outcome_unknown', pg_temp.hours(54));
select is((pg_temp.session(id)).outcome, 'gone', 'the session is gone') from made where name = 'lost';
select throws_ok(
  format($$ select pg_temp.advance(%L, '{"state": %s}') $$, id, to_json(s)), '23514', null, format('an unknown outcome does not become %s', s))
from made, unnest(array['preparing', 'uploading', 'published']) as s where name = 'lost';
select lives_ok(
  format($$ select pg_temp.advance(%L, jsonb_build_object('looked', (pg_temp.session(%L)).id)) $$, id, id), 'a look is counted')
from made where name = 'lost';
select is((pg_temp.session(id)).looks, 1, 'one by one') from made where name = 'lost';
select is(
  pg_temp.advance(id, '{"state": "needs_attention", "reason": "outcome_ambiguous"}'), 'needs_attention', 'it may need a person')
from made where name = 'lost';
select is(
  engine.edit_upload(pg_temp.owner(), id, null, '{"resume": true}') ->> 'state', 'outcome_unknown', 'resumed, it is looked for again')
from made where name = 'lost';
select is(
  pg_temp.advance(id, '{"state": "scheduled", "reason": null, "session_settled": true}'), 'scheduled', 'found to be nothing, it starts anew')
from made where name = 'lost';
select is((pg_temp.session(id)).outcome, 'abandoned', 'and its session is settled') from made where name = 'lost';

-- Needing attention --------------------------------------------------------------------------------------------------

insert into made select 'revoked', pg_temp.at('on_youtube', pg_temp.hours(56));
select is(pg_temp.advance(id, '{"state": "needs_attention", "reason": "grant_revoked"}'), 'needs_attention', 'a revoked grant stops it')
from made where name = 'revoked';
select is(
  (select user_id from public.system_logs where event_type = 'upload.needs_attention' and details ->> 'upload_id' = made.id::text),
  pg_temp.owner(), 'and its user is told') from made where name = 'revoked';
update public.channels set state = 'disconnected', state_reason = 'grant_revoked' where id = pg_temp.channel();
select throws_ok(
  format($$ select engine.edit_upload(pg_temp.owner(), %L, null, '{"resume": true}') $$, id), 'PT409', 'channel_disconnected',
  'it is not resumed without the channel') from made where name = 'revoked';
update public.channels set state = 'connected', state_reason = null where id = pg_temp.channel();
select is((pg_temp.row(id)).state, 'processing', 'the channel''s return resumes it') from made where name = 'revoked';
select is((pg_temp.row(id)).youtube_publish_at, null, 'and YouTube is told its time again') from made where name = 'revoked';

insert into made select 'deleted', pg_temp.at('on_youtube', pg_temp.hours(58));
select is(pg_temp.advance(id, '{"state": "needs_attention", "reason": "deleted_on_youtube"}'), 'needs_attention', 'a deleted video stops it')
from made where name = 'deleted';
select is(
  (engine.edit_upload(pg_temp.owner(), id, null, pg_temp.hours(59)) -> 'youtube_video_id'), 'null', 'a new time uploads it again')
from made where name = 'deleted';
select is((pg_temp.row(id)).state, 'scheduled', 'from the start') from made where name = 'deleted';
select throws_ok(
  format($$ select engine.edit_upload(pg_temp.owner(), %L, null, '{"resume": true}') $$, id), 'PT409', 'invalid_state',
  'only what needs attention is resumed') from made where name = 'deleted';

insert into made select 'dead', pg_temp.at('uploading', pg_temp.hours(62));
select lives_ok(format($$ select private.on_dead_upload_advance(%L, '{"code": "timeout"}') $$, id), 'a dead letter') from made where name = 'dead';
select is((pg_temp.row(id)).reason, 'attempts_exhausted', 'is told to the user') from made where name = 'dead';
select is((pg_temp.session(id)).ended_at, null, 'with its session kept') from made where name = 'dead';
select is(engine.edit_upload(pg_temp.owner(), id, null, '{"resume": true}') ->> 'state', 'scheduled', 'resumed, it takes its turn')
from made where name = 'dead';
select is(pg_temp.claim(id) > 0, true, 'claimed') from made where name = 'dead';
select is(pg_temp.prepare(id) -> 'quota', 'null', 'with a session there already it needs no quota') from made where name = 'dead';
select is(
  engine.resume_upload_session(pg_temp.step(id), pg_temp.fence(id)) #>> '{upload,state}', 'uploading', 'and goes on')
from made where name = 'dead';
select is(pg_temp.advance(id, '{"state": "failed", "reason": "processing_failed"}'), 'failed', 'it fails') from made where name = 'dead';

-- Moving and cancelling ----------------------------------------------------------------------------------------------

insert into made select 'moved', pg_temp.at('scheduled', pg_temp.hours(64));
select throws_ok(
  format($$ select engine.edit_upload(pg_temp.owner(), %L, 99, pg_temp.hours(65)) $$, id), 'PT412', 'version_mismatch', 'an old ETag is refused')
from made where name = 'moved';
select throws_ok(
  format($$ select engine.edit_upload(pg_temp.stranger(), %L, null, pg_temp.hours(65)) $$, id), 'PT404', 'not_found', 'a stranger finds nothing to move')
from made where name = 'moved';
select throws_ok(
  format($$ select engine.edit_upload(pg_temp.viewer(), %L, null, pg_temp.hours(65)) $$, id), 'PT403', 'role_too_low', 'a viewer moves nothing')
from made where name = 'moved';
select is(
  (engine.edit_upload(pg_temp.owner(), id, (pg_temp.row(id)).version, pg_temp.hours(65) || '{"title": "New", "title_key": "new"}') ->> 'publish_at')::timestamptz,
  pg_temp.day() + interval '65 hours', 'it is moved') from made where name = 'moved';
select is((pg_temp.row(id)).local_time, (pg_temp.row(id)).publish_at at time zone 'Europe/Berlin', 'with its local time') from made where name = 'moved';
select is((pg_temp.row(id)).title, 'New', 'and its title') from made where name = 'moved';
select throws_ok(
  format($$ select engine.edit_upload(pg_temp.owner(), %L, null, '{"publish_at": "2020-01-01T00:00:00Z"}') $$, id), 'PT422', 'publish_time_past',
  'not into the past') from made where name = 'moved';
select throws_ok(
  format($$ select engine.cancel_upload(pg_temp.stranger(), %L, null) $$, id), 'PT404', 'not_found', 'a stranger cancels nothing')
from made where name = 'moved';
select is(engine.cancel_upload(pg_temp.owner(), id, null) ->> 'state', 'cancelled', 'it is cancelled at once') from made where name = 'moved';
select is(engine.cancel_upload(pg_temp.owner(), id, null) ->> 'state', 'cancelled', 'as often as you like') from made where name = 'moved';
select throws_ok(
  format($$ select pg_temp.prepare(%L) $$, id), 'PT409', 'stale_fence', 'a worker that was at it finds its claim gone')
from made where name = 'moved';
select lives_ok(
  format($$ select pg_temp.schedule(%L, pg_temp.hours(64)) $$, (pg_temp.row(id)).render_id), 'and its render can be scheduled again')
from made where name = 'moved';

insert into made select 'stopped', pg_temp.at('uploading', pg_temp.hours(67));
select is(engine.cancel_upload(pg_temp.owner(), id, null) ->> 'state', 'uploading', 'once bytes were sent, the step has to find out')
from made where name = 'stopped';
select is((pg_temp.row(id)).intent, 'keep_private', 'what is on YouTube shall stay private') from made where name = 'stopped';
select throws_ok(
  format($$ select engine.edit_upload(pg_temp.owner(), %L, null, pg_temp.hours(68)) $$, id), 'PT409', 'invalid_state',
  'and is not moved any more') from made where name = 'stopped';
select is(
  pg_temp.advance(id, '{"state": "cancelled", "reason": "cancelled_by_user", "session_outcome": "abandoned"}'), 'cancelled', 'then it is cancelled')
from made where name = 'stopped';

insert into made select 'kept', pg_temp.at('on_youtube', pg_temp.hours(70));
select is(engine.cancel_upload(pg_temp.owner(), id, null) ->> 'state', 'on_youtube', 'a video on YouTube is taken off its schedule first')
from made where name = 'kept';
select is(pg_temp.advance(id, '{"state": "cancelled", "reason": "kept_private"}'), 'cancelled', 'and stays there') from made where name = 'kept';

-- Renders ------------------------------------------------------------------------------------------------------------

insert into made select 'waiting', pg_temp.schedule(pg_temp.render('queued'), pg_temp.hours(72));
update private.steps set state = 'done' where id = pg_temp.step((select id from made where name = 'waiting'));
update public.renders set state = 'rendering' where id = (pg_temp.row((select id from made where name = 'waiting'))).render_id;
update public.renders set state = 'ready', file_bytes = 5 where id = (pg_temp.row((select id from made where name = 'waiting'))).render_id;
select is(
  (select state from private.steps where id = pg_temp.step((select id from made where name = 'waiting'))), 'waiting', 'a render that is ready wakes its upload');

delete from private.steps where kind = 'upload.advance' and subject_id = (select id from made where name = 'waiting');
select ok(private.reconcile_uploads() >= 1, 'an upload that has lost its step');
select isnt(pg_temp.step(id), null, 'gets another') from made where name = 'waiting';
select is(private.reconcile_uploads(), 0, 'and then there is nothing left to find');

-- Thumbnails ---------------------------------------------------------------------------------------------------------

insert into made select 'pictured', pg_temp.at('on_youtube', pg_temp.hours(74) || '{"thumbnail": true}');
create function pg_temp.picture(p_id uuid) returns private.steps language sql as $$
  select * from private.steps where kind = 'upload.thumbnail' and subject_id = p_id
$$;
select is((pg_temp.picture(id)).state, 'waiting', 'a wanted picture gets a step of its own') from made where name = 'pictured';
update private.steps set state = 'running', fence = 3 where kind = 'upload.thumbnail' and subject_id = (select id from made where name = 'pictured');
select is(
  engine.open_thumbnail((pg_temp.picture(id)).id, 3) ->> 'video', 'yt-' || id, 'which knows its video') from made where name = 'pictured';
select lives_ok(
  format($$ select engine.record_thumbnail(%L, 3, 'failed', '{"code": "forbidden"}') $$, (pg_temp.picture(id)).id), 'a failure is noted')
from made where name = 'pictured';
select is((pg_temp.row(id)).state, 'on_youtube', 'and never touches the upload') from made where name = 'pictured';

-- Calendar -----------------------------------------------------------------------------------------------------------

select lives_ok($$ select engine.set_calendar_feed(pg_temp.viewer(), null, 'one') $$, 'a calendar gets an address');
select ok(jsonb_array_length(engine.read_calendar_feed('one')) > 5, 'which shows the uploads of one''s channels');
select ok(not engine.read_calendar_feed('one') @> '[{"channel_title": "Theirs"}]', 'and no others');
select lives_ok($$ select engine.set_calendar_feed(pg_temp.viewer(), null, 'two') $$, 'the address is replaced');
select throws_ok($$ select engine.read_calendar_feed('one') $$, 'PT404', 'not_found', 'so the old one leads nowhere');
select lives_ok($$ select engine.revoke_calendar_feed(pg_temp.viewer()) $$, 'the address is ended');
select throws_ok($$ select engine.read_calendar_feed('two') $$, 'PT404', 'not_found', 'and opens nothing');

-- Who sees what ------------------------------------------------------------------------------------------------------

select pg_temp.act_as(pg_temp.owner());
select ok((select count(*) from public.scheduled_uploads) > 5, 'an owner sees the uploads');
select is((select count(*) from public.scheduled_uploads where channel_id = pg_temp.others_channel())::integer, 0, 'of no other channel');
select throws_ok($$ update public.scheduled_uploads set title = 'x' $$, '42501', null, 'and changes none');
reset role;
select pg_temp.act_as(pg_temp.viewer());
select ok((select count(*) from public.scheduled_uploads) > 5, 'so does a viewer');
reset role;
select pg_temp.act_as(pg_temp.stranger());
select is((select count(*) from public.scheduled_uploads)::integer, 1, 'a stranger sees their own only');
select throws_ok($$ select * from private.upload_sessions $$, '42501', null, 'and no session');
reset role;

select * from finish();
rollback;

-- People's rights, by enumeration: whatever table the catalogue knows is taken out or named here with the reason why not, and
-- after an erasure no row of any table of the database mentions the user or the channel.
begin;
select no_plan();

create function pg_temp.owner() returns uuid language sql immutable as $$ select '00000000-0000-4000-8000-00000000e001'::uuid $$;
create function pg_temp.editor() returns uuid language sql immutable as $$ select '00000000-0000-4000-8000-00000000e002'::uuid $$;
create function pg_temp.stranger() returns uuid language sql immutable as $$ select '00000000-0000-4000-8000-00000000e004'::uuid $$;
create function pg_temp.channel() returns uuid language sql immutable as $$ select '00000000-0000-4000-8000-00000000ec01'::uuid $$;

insert into auth.users (id, email)
select ('00000000-0000-4000-8000-00000000e00' || n)::uuid, 'rights' || n || '@example.test' from generate_series(1, 4) n;
\ir tenants.seed
insert into private.settings (key, value) values ('derived_metrics_accepted_at', '"2026-11-01"')
on conflict on constraint settings_pkey do update set value = excluded.value;

-- What is not taken out, and why.
create table pg_temp.left_out (relation text primary key, reason text not null);
insert into pg_temp.left_out values
  ('auth.refresh_tokens', 'secrets of the sign-in service; the sessions they belong to are taken out'),
  ('auth.one_time_tokens', 'secrets of the sign-in service'),
  ('private.clock', 'nobody''s data: the product''s time'),
  ('private.settings', 'nobody''s data: the operator''s settings'),
  ('private.heartbeats', 'nobody''s data: when work was last done'),
  ('private.generation_spend', 'nobody''s data: one sum a month for the whole deployment'),
  ('private.usage_subjects', 'a hash of the address, which is taken out with the account'),
  ('private.erased_usage', 'nobody''s data that is still here: sums of accounts that were erased, under a hash'),
  ('private.render_shares', 'sums of one day under a hash; the usage that they are part of is taken out'),
  ('private.running_exports', 'the exports that run right now'),
  ('private.render_budgets', 'nobody''s data: one sum a day for the whole deployment'),
  ('private.quota_ledger', 'nobody''s data: one sum a day for the whole deployment'),
  ('private.render_tombstones', 'nobody''s data: hashes of jobs at the render service'),
  ('private.request_records', 'nobody''s data: requests, which do not say whose they were'),
  ('private.provider_calls', 'nobody''s data: calls of outside services, which do not say for whom'),
  ('private.step_runs', 'nobody''s data: runs of steps, whose subjects stand in private.steps'),
  ('private.request_minutes', 'nobody''s data: sums for the whole deployment'),
  ('private.request_hours', 'nobody''s data: sums for the whole deployment'),
  ('private.provider_hours', 'nobody''s data: sums for the whole deployment'),
  ('private.step_hours', 'nobody''s data: sums for the whole deployment'),
  ('private.provider_health', 'nobody''s data: how outside services answered last'),
  ('private.measurements', 'nobody''s data: sizes and counts for the whole deployment'),
  ('private.telemetry', 'nobody''s data: a count of lost records'),
  ('private.uptime_probes', 'nobody''s data: whether the deployment answered'),
  ('private.incidents', 'nobody''s data: what operators were told about the deployment'),
  ('private.alerts', 'nobody''s data: messages to operators about the deployment'),
  ('private.backups', 'nobody''s data: which backups there are'),
  ('private.restores', 'nobody''s data: from which backups the database came'),
  ('private.channel_erasures', 'there only while its channel is erased: how far that has come'),
  ('private.erasures', 'nobody''s data any more: hashes of ids that are erased'),
  ('private.export_sources', 'nobody''s data: what is taken out');

-- Rows of the first tenant in the tables that no user reads directly.
update public.generated_content set inspired_by = '[{"video_id": "00000000-0000-4000-8000-00000000ed01", "role": "hit", "score": 91, "multiplier": 3.2, "label": "outlier"}]';
insert into auth.sessions (id, user_id, user_agent) values (gen_random_uuid(), pg_temp.owner(), 'A browser');
insert into private.agent_offers (token_hash, user_id, agent_id, tool, digest, expires_at) values
  ('canary8', pg_temp.owner(), '00000000-0000-4000-8000-00000000ea01', 'schedule', 'canary9', private.now());
insert into private.channel_credentials (channel_id, owner_id, refresh_token, access_token) values
  (pg_temp.channel(), pg_temp.owner(), 'v1.k.n.canary1', 'v1.k.n.canary2');
insert into private.oauth_states (state_hash, id, user_id, channel_id, code_verifier, expires_at) values
  ('canary3', gen_random_uuid(), pg_temp.owner(), pg_temp.channel(), 'v1.k.n.canary4', private.now());
insert into private.idempotency_keys (user_id, operation, key, fingerprint, answer) values
  (pg_temp.owner(), 'syncChannel', 'key', 'f', jsonb_build_object('id', pg_temp.channel())),
  (pg_temp.editor(), 'syncChannel', 'key', 'f', jsonb_build_object('id', pg_temp.channel()));
select engine.check_rate_limit(pg_temp.owner(), 'read', 60, 1);
select private.enqueue_step('sync', 'channel.sync', pg_temp.channel(), pg_temp.channel());
insert into private.channel_syncs (channel_id) values (pg_temp.channel());
insert into private.unclaimed_videos (channel_id, youtube_video_id, title, title_key, found_at) values (pg_temp.channel(), 'unclaimed', 'T', 't', private.now());
select engine.reserve_quota('units', 1, pg_temp.channel(), 'ordinary');
select private.release_video('unclaimed', 'an operator'), private.change_plan(pg_temp.owner(), 'renders_per_month', '9', 'an operator');
insert into private.generation_calls (content_id, call, outcome, raw, cost_micros, cost_basis) values
  ('00000000-0000-4000-8000-00000000ee01', 1, 'ok', 'raw', 1, 'reported');
insert into private.render_jobs (render_id, callback_hash, file_url, file_etag, reserved_period, reserved_day) values
  ('00000000-0000-4000-8000-00000000ef01', 'canary5', 'https://files.example/canary6', 'canary7', '2026-11-01', '2026-11-01');
insert into private.upload_sessions (id, upload_id, session_uri, bytes_total, opened_at) values
  (gen_random_uuid(), '00000000-0000-4000-8000-00000000e101', 'v1.k.n.canary8', 1, private.now());
select engine.set_calendar_feed(pg_temp.owner(), null, 'canary9');
insert into private.webhook_secrets (id, endpoint_id, secret)
select gen_random_uuid(), id, 'v1.k.n.canary10' from public.webhook_endpoints where user_id = pg_temp.owner();
select private.log_event('channel.scored', 'info', 'scoring', 'To nobody.', jsonb_build_object('channel_id', pg_temp.channel()));
select private.log_event('render.stuck', 'error', 'render', 'To an editor.',
  '{"render_id": "00000000-0000-4000-8000-00000000ef01"}', pg_temp.editor());
insert into public.videos (channel_id, youtube_video_id, title)
select pg_temp.channel(), 'v-' || n, 'More' from generate_series(1, 30) n;
insert into public.video_snapshots (video_id, channel_id, basis, observed_at, age_hours, views)
select v.id, v.channel_id, b, '2026-11-01'::timestamptz + make_interval(hours => n / 3), 1, n
from public.videos v, unnest(array['public_views', 'engaged_views']) b, generate_series(1, 20) n
where v.channel_id = pg_temp.channel() and n % 3 = 0;

-- Enumeration ----------------------------------------------------------------------------------------------------------

create view pg_temp.tables as
  select c.oid, n.nspname || '.' || c.relname as relation from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and n.nspname in ('public', 'private', 'auth');

select is_empty($$ select relation from pg_temp.tables where relation not in (select relation from private.export_sources)
  and relation not in (select relation from pg_temp.left_out) $$,
  'every table is taken out, or stands on the list of those that are not, with the reason');
select is_empty($$ select relation from pg_temp.left_out where relation in (select relation from private.export_sources)
  or relation not in (select relation from pg_temp.tables) $$, 'nothing stands on that list in vain');
select is_empty($$ select l.relation, a.attname from pg_temp.left_out l join pg_catalog.pg_attribute a on a.attrelid = l.relation::regclass
  where l.reason like 'nobody%' and a.attname ~ '(^|_)(user|owner|channel|video|member|email)(_|$)|_by$' $$,
  'what is nobody''s data has no column of somebody''s');
select is_empty($$ select relation from private.export_sources where to_regclass(relation) is null and relation <> 'auth.identities' $$,
  'every source exists; the one that only hosted projects have may be missing');
select is_empty($$ select s.name, k from private.export_sources s, unnest(s.key) k where to_regclass(s.relation) is not null and not exists (
  select from pg_catalog.pg_attribute a where a.attrelid = to_regclass(s.relation) and a.attname = k and a.attnotnull) $$,
  'what orders a source is never null');
select is_empty($$ select s.relation, a.attname
  from private.export_sources s join pg_catalog.pg_attribute a on a.attrelid = to_regclass(s.relation) and attnum > 0 and not attisdropped
  where a.attname ~ '(token|secret|password|verifier|_uri|_url|hash|etag|lease_id)$' and a.attname <> all (s.hidden)
    and (s.columns is null or a.attname = any (s.columns))
    and (s.relation, a.attname) not in (
      ('public.channels', 'thumbnail_url'), ('public.videos', 'thumbnail_url'), ('public.renders', 'thumbnail_url'),
      ('public.generated_content', 'content_hash'), ('public.generated_content', 'approved_hash'), ('public.renders', 'content_hash'),
      ('private.channel_syncs', 'page_token')) $$, 'secrets stay behind');
select is_empty($$ select conrelid::regclass, conname from pg_catalog.pg_constraint
  where contype = 'c' and pg_get_constraintdef(oid) like '%v1.\%.\%.\%%'
  and not exists (select from private.export_sources s, pg_catalog.pg_attribute a where to_regclass(s.relation) = conrelid
    and a.attrelid = conrelid and a.attnum = conkey[1] and a.attname = any (s.hidden)) $$, 'and so does everything that is encrypted');

-- Who and what may be mentioned: the ids of the first tenant, the address, and YouTube's own ids.
create table pg_temp.ids as
  select pg_temp.owner()::text as id union select pg_temp.channel()::text union select 'rights1@example.test'
  union select youtube_channel_id from public.channels where id = pg_temp.channel()
  union select id::text from public.videos where channel_id = pg_temp.channel()
  union select id::text from public.generated_content where channel_id = pg_temp.channel()
  union select id::text from public.renders where channel_id = pg_temp.channel()
  union select id::text from public.scheduled_uploads where channel_id = pg_temp.channel()
  union select id::text from public.webhook_endpoints where user_id = pg_temp.owner();

\ir mentions.seed
create function pg_temp.mentions() returns table (relation text, mentions bigint) language sql as $$
  select * from pg_temp.mentions((select string_agg(id, '|') from pg_temp.ids))
$$;

select is_empty($$ select relation from private.export_sources where to_regclass(relation) is not null
  except select relation from pg_temp.mentions() $$, 'the seed has a row of the tenant in every source: add one for a new table');

-- Taking out -----------------------------------------------------------------------------------------------------------

create function pg_temp.export(p_user uuid) returns table (page integer, name text, line jsonb) language plpgsql as $$
declare
  v_page jsonb;
  v_after jsonb;
begin
  page := 0;
  loop
    page := page + 1;
    v_page := engine.export_page(p_user, v_after);
    return query select page, l::jsonb ->> 'table', l::jsonb -> 'row' from regexp_split_to_table(v_page ->> 'lines', E'\n') l where l <> '';
    v_after := v_page -> 'next';
    exit when jsonb_typeof(v_after) is distinct from 'object';
    if page > 5000 then raise exception 'the export does not end'; end if;
  end loop;
end
$$;

create table pg_temp.whole as select * from pg_temp.export(pg_temp.owner());
select is_empty($$ select distinct s.name from private.export_sources s where to_regclass(s.relation) is not null
    and (s.scope = 'channel' or s.name not in (select name from private.export_sources where scope = 'channel'))
  except select name from pg_temp.whole $$, 'the take-out has rows of every source');
select is((select count(*) from pg_temp.whole where name = 'snapshots'),
  (select count(*) from public.video_snapshots where channel_id = pg_temp.channel()), 'every snapshot');
select is((select count(*) from pg_temp.whole where name = 'videos'), 31::bigint, 'every video');
select is((select count(*) from pg_temp.whole where line::text ~ 'canary'), 0::bigint, 'no secret');
select is((select line ->> 'email' from pg_temp.whole where name = 'account'), 'rights1@example.test', 'the address of the account');
select is((select count(*) from pg_temp.whole where line::text ~ '00000000ec02'), 0::bigint, 'nothing of another channel');
select is((select count(*) from pg_temp.export(pg_temp.stranger()) where line::text ~ '00000000-0000-4000-8000-0000000(0ec01|0ed01|0ee01|0ef01|0e101|0e001)'),
  0::bigint, 'a stranger''s take-out mentions nothing of it');
select set_eq($$ select distinct name from pg_temp.export(pg_temp.editor()) $$,
  array['account', 'profile', 'memberships', 'requests', 'log'], 'an editor takes out what is theirs, not the channel');
update public.generated_content set created_by = pg_temp.editor();
select is((select count(*) from pg_temp.export(pg_temp.editor()) where name = 'content'), 1::bigint, 'with what they made on it');
update public.generated_content set created_by = pg_temp.owner();

-- A take-out in the smallest pages is the same one.
drop table pg_temp.whole;
create table pg_temp.whole as select * from pg_temp.export(pg_temp.owner());
create table pg_temp.sizes as select name, scope, page_rows from private.export_sources;
update private.export_sources set page_rows = 1;
create table pg_temp.pages as select * from pg_temp.export(pg_temp.owner());
select cmp_ok((select max(page) from pg_temp.pages), '>', 400, 'in hundreds of pages');
select results_eq('select name, line from pg_temp.pages order by 1, 2::text', 'select name, line from pg_temp.whole order by 1, 2::text',
  'no row is lost or doubled between pages');
update private.export_sources s set page_rows = 7 where s.name = 'snapshots';
select results_eq('select name, line from pg_temp.export(pg_temp.owner()) order by 1, 2::text',
  'select name, line from pg_temp.whole order by 1, 2::text', 'however large they are');
update private.export_sources s set page_rows = z.page_rows from pg_temp.sizes z where z.name = s.name and z.scope = s.scope;

-- A cursor goes through the caller's hands.
select is_empty($$ select * from regexp_split_to_table(engine.export_page(pg_temp.stranger(),
  jsonb_build_object('position', 300, 'channel', pg_temp.channel(), 'key', null)) ->> 'lines', E'\n') l where l ~ '00000000ec01' $$,
  'a cursor of another channel shows nothing of it');
select throws_ok(format('select engine.export_page(pg_temp.owner(), %L)', c), 'PT400', 'invalid_query', 'no cursor: ' || c)
from unnest(array['{"position": "x"}', '{"position": 300, "channel": "x"}',
  '{"position": 420, "channel": "00000000-0000-4000-8000-00000000ec01", "key": ["x", "y", "z"]}',
  '{"position": 99999999999}']) c;

-- Hidden scores are not taken out.
delete from private.settings where key = 'derived_metrics_accepted_at';
select is((select count(*) from pg_temp.export(pg_temp.owner()) where name = 'content_catalyst_scores'), 0::bigint, 'no scores while they are hidden');
select is((select line #> '{inspired_by,0}' from pg_temp.export(pg_temp.owner()) where name = 'content'),
  '{"video_id": "00000000-0000-4000-8000-00000000ed01", "role": "hit"}', 'not even those that content was inspired by');
select is((engine.export_page(pg_temp.owner(), null) ->> 'scores_shown')::boolean, false, 'and it says so');
create temp table running as select engine.begin_export(pg_temp.owner()) as id;
select lives_ok($$ select engine.begin_export(pg_temp.owner()) $$, 'two exports of a user run at a time');
select throws_ok($$ select engine.begin_export(pg_temp.owner()) $$, 'PT429', 'rate_limited', 'and not three');
select lives_ok($$ select engine.begin_export(pg_temp.stranger()) $$, 'others have their own');
select engine.end_export(id) from running;
select lives_ok($$ select engine.begin_export(pg_temp.owner()) $$, 'one that has ended makes room');
update private.running_exports set ends_at = clock_timestamp() - interval '1 second' where user_id = pg_temp.owner();
select lives_ok($$ select engine.begin_export(pg_temp.owner()) $$, 'and so do those whose process must be gone');

-- Purging --------------------------------------------------------------------------------------------------------------

savepoint purge;
create function pg_temp.purge(p_told integer, p_purged integer, p_what text) returns text language sql as $$
  select is(private.purge_unverified() - 'videos' - 'snapshots', jsonb_build_object('told', p_told, 'purged', p_purged), p_what)
$$;
select pg_temp.purge(0, 0, 'what was verified lately stays');
update private.channel_credentials set refreshed_at = private.now() - interval '40 days' where channel_id = pg_temp.channel();
select private.cancel_step('channel.sync', pg_temp.channel());
update public.channels set features = '{"read": true}' where id = pg_temp.channel();
select pg_temp.purge(1, 0, 'after a long standstill the owner is told first');
select ok((select purge_at between private.now() + interval '23 hours' and private.now() + interval '24 hours'
  from public.channels where id = pg_temp.channel()), 'a day before');
select is((select state from private.steps where kind = 'channel.sync' and subject_id = pg_temp.channel()), 'waiting', 'and Google is asked meanwhile');
select pg_temp.purge(0, 0, 'nobody is told twice, nor erased before the day');
select is((select count(*) from public.system_logs where event_type = 'channel.purge_pending' and user_id = pg_temp.owner()), 1::bigint,
  'the owner has it in the log');
select is((select count(*) from public.webhook_deliveries where event_type = 'channel.purge_pending' and user_id = pg_temp.owner()), 1::bigint,
  'and at the endpoint');
savepoint told;
update private.channel_credentials set refreshed_at = private.now() where channel_id = pg_temp.channel();
select ok((select purge_at is null and purge_told_at is null from public.channels where id = pg_temp.channel()), 'a new token takes the date away');
rollback to told;
update public.channels set purge_at = private.now() where id = pg_temp.channel();
select pg_temp.purge(0, 1, 'then it is erased');
select is((select state from public.channels where id = pg_temp.channel()), 'erasing', 'by the step that erases');
select is((select count(*) from private.steps where kind = 'channel.erase' and subject_id = pg_temp.channel() and state = 'waiting'), 1::bigint, 'which is due');
rollback to purge;
update private.channel_credentials set refreshed_at = private.now() where channel_id = pg_temp.channel();
update public.videos set gone_at = private.now() - interval '29 days' where youtube_video_id = 'v-1';
update public.videos set gone_at = private.now() - interval '28 days' where youtube_video_id = 'v-2';
update public.videos set counted_at = private.now() - interval '29 days' where youtube_video_id = 'v-3';
select is((private.purge_unverified() ->> 'videos')::integer, 1, 'a video that has been gone for 29 days is forgotten');
select private.cancel_step('channel.sync', pg_temp.channel());
select is((private.purge_unverified() ->> 'videos')::integer, 1, 'and one that could not be read again, once it was tried');
select set_eq($$ select youtube_video_id from public.videos where youtube_video_id in ('v-1', 'v-2', 'v-3', 'v-4') $$, array['v-2', 'v-4'], 'no other');
update public.video_snapshots set read_at = private.now() - interval '30 days' where observed_at < '2026-11-01 03:00Z';
select cmp_ok((private.purge_unverified() ->> 'snapshots')::integer, '>', 0, 'counters of a month ago are forgotten while the amendment is not accepted');
select cmp_ok((select count(*) from public.video_snapshots), '>', 0::bigint, 'newer ones stay');
insert into private.settings (key, value) values ('derived_metrics_accepted_at', '"2026-11-01"');
update public.video_snapshots set read_at = private.now() - interval '30 days';
select is((private.purge_unverified() ->> 'snapshots')::integer, 0, 'and all of them once it is');
rollback to purge;

-- Erasing --------------------------------------------------------------------------------------------------------------

select is_empty($$ select c.conrelid::regclass, c.conname from pg_catalog.pg_constraint c
  where c.contype = 'f' and c.confrelid in ('public.users'::regclass, 'public.channels'::regclass, 'auth.users'::regclass)
    and c.confdeltype not in ('c', 'n') $$, 'nothing that belongs to a user or a channel outlives it');
savepoint before;
select isnt_empty($$ select engine.begin_erase_user(pg_temp.owner(), null) $$, 'erasing begins');
select is(engine.erase_channel(pg_temp.channel(), true) ->> 'erased', 'true', 'and ends');
select is_empty('select * from pg_temp.mentions()', 'no row of any table mentions the user, the channel or anything of theirs');
select is((select count(*) from public.channels) , 1::bigint, 'another tenant''s channel stays');
rollback to before;
select isnt_empty($$ select engine.begin_erase_channel(pg_temp.owner(), pg_temp.channel(), null) $$, 'a channel alone');
select is(engine.erase_channel(pg_temp.channel(), false) ->> 'erased', 'true', 'is erased, too');
delete from pg_temp.ids where id in (pg_temp.owner()::text, 'rights1@example.test') or id in (select id::text from public.webhook_endpoints);
select results_eq('select relation from pg_temp.mentions()', array['public.webhook_deliveries'], 'and leaves no mention but the news of it');
select is((select count(*) from public.webhook_deliveries where event_type = 'channel.erased' and forget and state = 'pending'), 1::bigint,
  'which is forgotten once it was told');
delete from public.webhook_deliveries where forget;
select is_empty('select * from pg_temp.mentions()', 'and then there is none');
select is((select count(*) from auth.users where id = pg_temp.owner()), 1::bigint, 'its owner stays');

rollback to before;

-- What is too large for one statement goes in parts.
insert into public.videos (channel_id, youtube_video_id, title) select pg_temp.channel(), 'large-' || n, 'T' from generate_series(1, 100) n;
select private.log_event('large', 'info', 'test', 'M', '{}', pg_temp.owner()) from generate_series(1, 10000);
select isnt_empty($$ select engine.begin_erase_user(pg_temp.owner(), null) $$, 'a large channel and a long log');
select is(engine.erase_channel(pg_temp.channel(), false), '{"erased": false, "more": true}', 'the log is searched');
select is(engine.erase_channel(pg_temp.channel(), true), '{"erased": false, "more": true}', 'videos go');
select is_empty($$ select from private.channel_credentials where channel_id = pg_temp.channel() $$, 'the grant is gone from the first part on');

savepoint erasing;
alter table private.steps disable trigger steps_touch;
select private.dead_letter(s, '{"code": "broken"}') from private.steps s where kind = 'channel.erase' and subject_id = pg_temp.channel();
update private.steps set updated_at = clock_timestamp() - interval '11 minutes' where kind = 'channel.erase' and subject_id = pg_temp.channel();
select is((select count(*) from pgmq.q_dead d join private.steps s on d.message ->> 'step' = s.id::text where s.subject_id = pg_temp.channel()), 1::bigint,
  'an erasure that gave up');
select is(private.reconcile_erasures(), 1, 'is taken up again');
select is((select state from private.steps where kind = 'channel.erase' and subject_id = pg_temp.channel()), 'waiting', 'with all its attempts');
select is((select count(*) from pgmq.q_dead d join private.steps s on d.message ->> 'step' = s.id::text where s.subject_id = pg_temp.channel()), 0::bigint,
  'and is no dead letter any more');
select is(private.reconcile_erasures(), 0, 'once');
rollback to erasing;

select is(engine.erase_channel(pg_temp.channel(), true), '{"erased": true, "more": false}', 'and then the rest');
select is((select state from private.steps where kind = 'user.erase' and subject_id = pg_temp.owner()), 'waiting', 'the user goes in parts, too');
select is(engine.erase_user(pg_temp.owner()), '{"more": false}', 'to the end');
select is_empty('select * from pg_temp.mentions()', 'and nothing mentions the user');

select * from finish();
rollback;

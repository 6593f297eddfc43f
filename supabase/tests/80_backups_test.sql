-- Backups: the watchdog speaks once, and what was lost is not uploaded again.
begin;
select plan(23);

update private.clock set advance = '0';
delete from private.backups;
create function pg_temp.backup(p_age interval, p_verified boolean) returns void language sql as $$
  insert into private.backups (id, name, taken_at, schema_version, place, archive_sha256, archive_bytes, tables, rows, verified_at)
  values (gen_random_uuid(), gen_random_uuid()::text, private.now() - p_age, '1', 'here', repeat('a', 64), 1, 1, 1,
    case when p_verified then private.now() end)
$$;
create function pg_temp.is_late() returns boolean language plpgsql as $$
begin
  -- An incident ends only after a while: each look starts afresh.
  delete from private.alerts;
  delete from private.incidents;
  perform private.check_alerts();
  return exists (select from private.incidents where kind = 'backup_late' and closed_at is null);
end
$$;
delete from private.uptime_probes;
insert into private.uptime_probes (minute, ok) values (clock_timestamp() - interval '25 hours', true);
select is(pg_temp.is_late(), false, 'a young deployment has time for its first backup');
insert into private.uptime_probes (minute, ok) values (clock_timestamp() - interval '27 hours', true);
select is(pg_temp.is_late(), true, 'after 26 hours it has not');
select pg_temp.backup('1 minute', false);
select is(pg_temp.is_late(), true, 'a backup that was not verified is none');
select pg_temp.backup('25 hours', true);
select is(pg_temp.is_late(), false, 'a verified one is one');
update private.backups set taken_at = taken_at - interval '2 hours' where verified_at is not null;
select is(pg_temp.is_late(), true, 'until it is older than 26 hours, however lately it was verified');
select pg_temp.backup('1 minute', true);
select is(pg_temp.is_late(), false, 'until the next one');
update private.backups set failed_at = private.now(), failure = 'damaged' where taken_at > private.now() - interval '1 hour' and verified_at is not null;
select is(pg_temp.is_late(), true, 'one whose last verification failed is none');
update private.backups set failed_at = null, failure = null, removed_at = private.now();
select is(private.last_verified_backup(), null, 'nor is one that was removed');

-- A video whose schedule was lost with the database.
insert into auth.users (id, email) values ('00000000-0000-4000-8000-0000000000e1', 'lost@example.org');
insert into public.users (id) values ('00000000-0000-4000-8000-0000000000e1');
insert into public.channels (id, youtube_channel_id, title) values ('00000000-0000-4000-8000-0000000000ec', 'UClost', 'Lost');
insert into public.channel_members (channel_id, user_id, role)
values ('00000000-0000-4000-8000-0000000000ec', '00000000-0000-4000-8000-0000000000e1', 'owner');
insert into public.renders (id, channel_id, content_hash, request, estimated_credits, estimate_basis)
values ('00000000-0000-4000-8000-0000000000ef', '00000000-0000-4000-8000-0000000000ec', 'h', '{}', 1, 'provider');
insert into private.unclaimed_videos (channel_id, youtube_video_id, title, title_key, file_bytes, found_at)
values ('00000000-0000-4000-8000-0000000000ec', 'ytlost', 'The same', 'the same', 600000, private.now());
create function pg_temp.schedule(p_title text) returns jsonb language sql as $$
  select engine.schedule_upload('00000000-0000-4000-8000-0000000000e1', null, jsonb_build_object(
    'render_id', '00000000-0000-4000-8000-0000000000ef', 'title', p_title, 'title_key', p_title, 'made_for_kids', false,
    'altered_content', true, 'publish_at', private.now() + interval '2 days'))
$$;
select throws_ok($$select pg_temp.schedule('the same')$$, 'PT409', 'duplicate_upload', 'what is on YouTube already is not scheduled again');
update private.unclaimed_videos set released_at = private.now();
select lives_ok($$select pg_temp.schedule('the same')$$, 'unless the operator has released it');
select is((select count(*)::integer from cron.job where jobname = 'watch' and active), 1, 'the watchdog runs by itself');

-- What was erased stays erased, whatever is restored.
delete from private.erasures;
update public.channels set state = 'erasing', state_reason = 'erasing' where id = '00000000-0000-4000-8000-0000000000ec';
select results_eq('select subject_hash from private.erasures',
  $$ select encode(sha256('channel 00000000-0000-4000-8000-0000000000ec'), 'hex') $$, 'an erasure is known from the request on');
update public.users set erasing_at = private.now() where id = '00000000-0000-4000-8000-0000000000e1';
select is((select count(*) from private.erasures where stored_at is null), 2::bigint, 'that of a user, too, and waits to be put aside');
select is(private.erase_again(array(select subject_hash from private.erasures)), '{"users": 1, "channels": 1}', 'they are erased again');
select is_empty($$ select id from public.channels where title = 'Lost' union all select id from auth.users where email = 'lost@example.org' $$,
  'with all that is theirs');
select is((select count(*) from private.erasures), 2::bigint, 'and known once');
create function pg_temp.prune_erasures() returns bigint language plpgsql as $$
begin
  execute (select command from cron.job where jobname = 'prune-erasures' and active);
  return (select count(*) from private.erasures);
end
$$;
update private.erasures set erased_at = private.now() - interval '399 days';
select is(pg_temp.prune_erasures(), 2::bigint, 'longer than any backup is kept');
update private.erasures set erased_at = private.now() - interval '401 days' where subject_hash = private.erasure_hash('channel', '00000000-0000-4000-8000-0000000000ec');
select results_eq('select pg_temp.prune_erasures()', 'values (1::bigint)', 'and then no more');

-- A webhook endpoint of a restored database.
insert into auth.users (id, email) values ('00000000-0000-4000-8000-0000000000e2', 'hook@example.org');
insert into public.users (id) values ('00000000-0000-4000-8000-0000000000e2');
insert into public.webhook_endpoints (id, user_id, url, state, state_reason) values
  ('00000000-0000-4000-8000-0000000000ee', '00000000-0000-4000-8000-0000000000e2', 'https://hooks.example.org/', 'disabled', 'restored');
select throws_ok($$ select engine.update_webhook_endpoint('00000000-0000-4000-8000-0000000000e2', '00000000-0000-4000-8000-0000000000ee', null,
  '{"state": "enabled"}') $$, 'PT409', 'invalid_state', 'it is not enabled without a secret');
select lives_ok($$ select engine.rotate_webhook_secret('00000000-0000-4000-8000-0000000000e2', null, '00000000-0000-4000-8000-0000000000ee',
  gen_random_uuid(), 'v1.k.n.c', false) $$, 'it takes a new one');
select results_eq($$ select e.state, s.state from public.webhook_endpoints e join private.steps s on s.subject_id = e.id
  where e.id = '00000000-0000-4000-8000-0000000000ee' $$, $$ values ('enabled', 'waiting') $$, 'and goes on');

-- A program of a restored database.
insert into public.agents (user_id, id, may_spend, may_publish) values
  ('00000000-0000-4000-8000-0000000000e2', '00000000-0000-4000-8000-0000000000ea', true, true);
insert into private.agent_offers (token_hash, user_id, agent_id, tool, digest, expires_at) values
  ('h', '00000000-0000-4000-8000-0000000000e2', '00000000-0000-4000-8000-0000000000ea', 'schedule', 'd', private.now() + interval '1 hour');
select lives_ok($$ select private.reconcile_after_restore(gen_random_uuid(), private.now()) $$, 'the restore is reconciled');
select is_empty($$ select from public.agents where may_spend or may_publish union all select from private.agent_offers where taken_at is null $$,
  'and no program may do anything');

select * from finish();
rollback;

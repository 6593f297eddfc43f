begin;
select plan(53);

-- Nothing of the stack's own is in the way, its scheduler included.
select pg_advisory_xact_lock(hashtext('private.check_alerts'));
delete from private.request_minutes;
delete from private.request_hours;
delete from private.provider_health;
delete from private.uptime_probes;
delete from private.measurements;
delete from private.alerts;
delete from private.incidents;
delete from private.quota_reservations;
delete from private.quota_ledger;
update private.steps set state = 'done' where state in ('waiting', 'running', 'dead');
delete from private.settings where key = 'alerts';
update public.generated_content set failure = failure - 'reason' where failure ->> 'reason' = 'unknown_model';

-- Records and rollups --------------------------------------------------------------------------------------------------

create function pg_temp.requests(p_n integer, p_status integer, p_ms integer, p_ago interval) returns jsonb language sql as $$
  select jsonb_agg(jsonb_build_object('request_id', 'test-request-' || n, 'at', private.now() - p_ago, 'operation', 'test.op', 'status', p_status,
    'duration_ms', p_ms, 'code', null)) from generate_series(1, p_n) n
$$;
create function pg_temp.calls(p_service text, p_errors text[]) returns jsonb language sql as $$
  select jsonb_agg(jsonb_build_object('request_id', 'test-request-1', 'step_id', null, 'at', private.now(), 'service', p_service, 'operation', 'op',
    'attempt', 1, 'status', 200, 'error', e, 'duration_ms', 7) order by n) from unnest(p_errors) with ordinality as u (e, n)
$$;
create function pg_temp.metrics(p_path text) returns jsonb language sql as $$
  select engine.admin_metrics() #> p_path::text[]
$$;

select lives_ok($$ select engine.record_activity(pg_temp.requests(7, 200, 12, '0')) $$, 'records are kept');
select lives_ok($$ select engine.record_activity(pg_temp.requests(3, 503, 2500, '0')) $$, 'and more of the same minute');
select is((select sum(requests) from private.request_minutes), 10::numeric, 'a minute counts them all');
select is((select sum(errors) from private.request_minutes), 3::numeric, 'and those that failed');
select is((select sum(slow) from private.request_minutes), 3::numeric, 'and those that were slow');
select is((select sum(h) from private.request_minutes, unnest(histogram) h), 10::numeric, 'its histogram holds each once');
select is((select histogram[3] + histogram[16] from private.request_minutes order by minute desc limit 1), 10::bigint,
  '12 ms lie between 10 and 25, 2,500 between 2,000 and 3,000');
select is((select count(*) from private.request_records where request_id like 'test-request-%' and slow and failed), 3::bigint,
  'slow and failed records are marked');
select is((select sum(requests) from private.request_hours where operation = ''), 10::numeric, 'an hour counts them all');
select is((select sum(requests) from private.request_hours where operation = 'test.op'), 10::numeric, 'and by operation');
select is(pg_temp.metrics('{application,requests_24h}'), '10', 'the metrics tell of them');
select engine.record_activity(pg_temp.requests(5, 200, 12, '23 hours 30 minutes'));
select engine.record_activity(pg_temp.requests(5, 200, 12, '5 hours'));
select engine.record_activity(pg_temp.requests(5, 200, 12, '25 hours'));
select is(pg_temp.metrics('{application,requests_24h}'), '20', 'of the last 24 hours, each once');
select is((select sum(n::bigint) from jsonb_array_elements_text(pg_temp.metrics('{application,response_time,histogram}')) n), 20::numeric,
  'and their histogram too');

-- What is measured once a minute ----------------------------------------------------------------------------------------

insert into private.steps (queue, kind, subject_id, state, due_at, lease_until) values
  ('publish', 'upload.advance', gen_random_uuid(), 'waiting', private.now() - interval '1 minute', null),
  ('publish', 'upload.advance', gen_random_uuid(), 'waiting', private.now() + interval '9 days', null),
  ('sync', 'channel.sync', gen_random_uuid(), 'running', private.now(), private.now() + interval '1 minute');
select is(pg_temp.metrics('{pipeline}') - array['steps', 'dead', 'oldest_due_seconds', 'last_dispatch_at', 'last_verified_backup_at'],
  '{"due": 1, "running": 1, "waiting": 2, "queues": {"publish": 2, "sync": 1}}', 'steps are counted by state and queue');
insert into private.measurements (name, value) values ('deployment', private.measure_deployment());
update private.steps set state = 'done' where state in ('waiting', 'running');
select is(pg_temp.metrics('{pipeline,waiting}'), '2', 'once a minute');
select is(pg_temp.metrics('{pipeline,oldest_due_seconds}'), 'null', 'how long the oldest has waited is told at the moment');
select is(pg_temp.metrics('{user_activity,total}'), to_jsonb((select count(*) from public.users)), 'users are counted with them');
update private.measurements set measured_at = clock_timestamp() - interval '6 minutes';
select is(pg_temp.metrics('{pipeline,waiting}'), '0', 'and again when the minute''s measurement is missing');

insert into private.quota_ledger (quota_day, bucket, spent, reserved)
  values (private.quota_day(private.now()), 'units', 90, 10)
  on conflict on constraint quota_ledger_pkey do update set spent = 90, reserved = 10, exhausted_at = null;
create function pg_temp.units_left() returns bigint language sql as $$
  select (q ->> 'left')::bigint from jsonb_array_elements(pg_temp.metrics('{api_usage,youtube_quota}')) q
  where q ->> 'bucket' = 'units'
$$;
select is(pg_temp.units_left(), private.quota_capacity('units') - 100::bigint, 'what is left of a quota was neither spent nor promised');
update private.quota_ledger set exhausted_at = private.now() where bucket = 'units';
select is(pg_temp.units_left(), 0::bigint, 'an exhausted quota has nothing left whatever our count says');
delete from private.quota_ledger where bucket = 'units';

-- Outside services -----------------------------------------------------------------------------------------------------

create function pg_temp.failures(p_service text) returns bigint language sql as $$
  select failures from private.provider_health where service = p_service
$$;
select engine.record_activity(p_calls => pg_temp.calls('gemini', array['server_error', 'timeout']));
select is(pg_temp.failures('gemini'), 2::bigint, 'failures in a row are counted');
select engine.record_activity(p_calls => pg_temp.calls('gemini', array['timeout']));
select is(pg_temp.failures('gemini'), 3::bigint, 'over several batches');
select is((select error from private.provider_health where service = 'gemini'), 'timeout', 'and the last one is named');
select engine.record_activity(p_calls => pg_temp.calls('gemini', array['timeout', 'throttled', 'timeout']));
select is(pg_temp.failures('gemini'), 1::bigint, 'a service that asks for patience is up');
select engine.record_activity(p_calls => pg_temp.calls('gemini', array['timeout', null]));
select is(pg_temp.failures('gemini'), 0::bigint, 'an answer ends the row');
select is((select error from private.provider_health where service = 'gemini'), null, 'and clears the error');

-- Uptime ---------------------------------------------------------------------------------------------------------------

select is(private.uptime('1 day'), null, 'without a measurement there is no uptime');
insert into private.uptime_probes (minute, ok)
  select date_trunc('minute', clock_timestamp()) - make_interval(mins => n), n <> 4 from generate_series(2, 11) n where n <> 7;
select is(private.uptime('1 day') ->> 'minutes', '10', 'minutes without a probe are looked at too');
select is((private.uptime('1 day') ->> 'ratio')::numeric, 0.8, 'and count as down, like those whose probe failed');

-- Incidents ------------------------------------------------------------------------------------------------------------

create function pg_temp.told(p_kind text) returns text language sql as $$
  select coalesce(string_agg(a.event, ' ' order by a.id), '') from private.alerts a join private.incidents i on i.id = a.incident_id where i.kind = p_kind
$$;
create function pg_temp.pass(p_time interval) returns void language sql as $$
  update private.clock set advance = advance + p_time
$$;
select vault.create_secret('http://127.0.0.1:9/hook', 'slack_webhook_url')
where not exists (select from vault.decrypted_secrets where name = 'slack_webhook_url');

select private.set_incident('test', 'a', true, 'It is bad');
select private.set_incident('test', 'a', true, 'It is worse');
select is(pg_temp.told('test'), 'opened', 'an incident is told once');
select private.set_incident('test', 'a', false, 'It is well');
select private.set_incident('test', 'a', true, 'It is bad again');
select pg_temp.pass('10 minutes');
select private.set_incident('test', 'a', false, 'It is well');
select is(pg_temp.told('test'), 'opened', 'one that flaps is not told again');
select pg_temp.pass('2 minutes');
select private.set_incident('test', 'a', false, 'It is well');
select is(pg_temp.told('test'), 'opened', 'nor is its end before three minutes of calm');
select pg_temp.pass('2 minutes');
select private.set_incident('test', 'a', false, 'It is well');
select private.set_incident('test', 'a', false, 'It is well');
select is(pg_temp.told('test'), 'opened closed', 'its end is told once');
select private.set_incident('test', 'a', true, 'It is bad');
select is(pg_temp.told('test'), 'opened closed opened', 'another incident is another one');
select private.set_incident('test', 'b', true, 'So is this');
select is((select count(*) from private.incidents where kind = 'test' and closed_at is null), 2::bigint, 'subjects are told apart');
insert into private.settings (key, value) values ('alerts', '{"muted": ["silent"]}');
select private.set_incident('silent', '', true, 'Nobody wants to know');
select is(pg_temp.told('silent'), '', 'what is muted is not told');
delete from private.settings where key = 'alerts';

-- Everything that is watched, broken and mended.
create function pg_temp.open_kinds() returns text language sql as $$
  select coalesce(string_agg(kind || case subject when '' then '' else ':' || subject end, ' ' order by kind, subject), '')
  from private.incidents where closed_at is null and kind <> 'test'
$$;
delete from private.uptime_probes;
select private.check_alerts();
select is(pg_temp.open_kinds(), '', 'a deployment that is well has no incident');
select engine.record_activity(pg_temp.requests(30, 500, 12, '0'));
insert into private.steps (queue, kind, subject_id, due_at) values ('maintenance', 'test.late', gen_random_uuid(), private.now() - interval '11 minutes');
insert into private.steps (queue, kind, subject_id, state, due_at) values ('maintenance', 'test.dead', gen_random_uuid(), 'dead', private.now());
insert into private.quota_ledger (bucket, quota_day, spent) values ('uploads', private.quota_day(private.now()), 90);
select engine.record_activity(p_calls => pg_temp.calls('revid', array['timeout', 'timeout', 'reset']));
insert into private.uptime_probes (minute, ok) select date_trunc('minute', clock_timestamp()) - make_interval(mins => n), false from generate_series(2, 4) n;
insert into private.uptime_probes (minute, ok) values (clock_timestamp() - interval '27 hours', true);
select private.check_alerts();
select is(pg_temp.open_kinds(), 'api_down backup_late dead_letter:test.dead error_rate provider_down:revid quota_low:uploads work_late', 'each is noticed at once');
select is((select count(*) from private.alerts a join private.incidents i on i.id = a.incident_id where i.kind <> 'test' and a.tries = 1), 7::bigint,
  'and each is sent');
select private.check_alerts();
select is((select max(tries) from private.alerts), 1, 'once');
insert into net._http_response (id, status_code) select net_request_id, 200 from private.alerts a join private.incidents i on i.id = a.incident_id where kind = 'work_late';
insert into net._http_response (id, error_msg) select net_request_id, 'refused' from private.alerts a join private.incidents i on i.id = a.incident_id where kind = 'error_rate';
insert into net._http_response (id, timed_out) select net_request_id, true from private.alerts a join private.incidents i on i.id = a.incident_id where kind = 'api_down';
select private.check_alerts();
select results_eq(
  $$ select i.kind, a.tries, a.delivered_at is not null from private.alerts a join private.incidents i on i.id = a.incident_id
     where kind in ('work_late', 'error_rate', 'api_down') order by kind $$,
  $$ values ('api_down', 1, false), ('error_rate', 2, false), ('work_late', 1, true) $$,
  'what was delivered, or may have been, is not sent again; what was refused is');

update private.steps set state = 'done' where kind in ('test.late', 'test.dead');
delete from private.quota_ledger;
select engine.record_activity(p_calls => pg_temp.calls('revid', array[null]::text[]));
delete from private.uptime_probes;
select pg_temp.pass('6 minutes');
select private.check_alerts();
select pg_temp.pass('4 minutes');
select private.check_alerts();
select is(pg_temp.open_kinds(), '', 'when all is well again, every incident ends');
select is((select count(*) from private.alerts a join private.incidents i on i.id = a.incident_id where i.kind <> 'test' and a.event = 'closed'), 7::bigint,
  'and each end is told');

-- A model that was retired overnight.
insert into auth.users (id, email) values ('00000000-0000-4000-8000-00000000a009', 'writer@example.com');
insert into public.users (id) values ('00000000-0000-4000-8000-00000000a009');
insert into public.channels (id, youtube_channel_id, title)
values ('00000000-0000-4000-8000-00000000c009', 'UC-model', 'Model');
create function pg_temp.writes(p_failure jsonb) returns void language sql as $$
  insert into public.generated_content (id, root_id, channel_id, created_by, kind, revision, origin, state, failure, output, content_hash,
    voice_version, prompt_version, seed, model_asked, price_version, finished_at)
  select id, id, '00000000-0000-4000-8000-00000000c009', '00000000-0000-4000-8000-00000000a009', 'ideas', 1, 'generated',
    case when p_failure is null then 'draft' else 'failed' end, p_failure, output, private.content_hash(output), 1, 'p', 1, 'gemini-old', 'v',
    private.now()
  from (select gen_random_uuid() as id, case when p_failure is null then '{"ideas": []}'::jsonb end as output) as new
$$;
select pg_temp.writes('{"code": "provider_refused", "reason": "unknown_model"}');
select private.check_alerts();
select pg_temp.pass('1 minute');
select pg_temp.writes('{"code": "provider_refused", "reason": "unknown_model"}');
select private.check_alerts();
select is(pg_temp.told('model_retired'), 'opened', 'case_g05: a retired model is told once, however often it is asked');
select pg_temp.pass('1 minute');
select pg_temp.writes(null);
select private.check_alerts();
select pg_temp.pass('4 minutes');
select private.check_alerts();
select is(pg_temp.told('model_retired'), 'opened closed', 'and its end when another one has written');

-- Dead letters ---------------------------------------------------------------------------------------------------------

insert into auth.users (id, email) values ('00000000-0000-4000-8000-00000000a001', 'admin@example.com');
insert into public.users (id) values ('00000000-0000-4000-8000-00000000a001');
create function pg_temp.bury(p_kind text) returns uuid language plpgsql as $$
declare v_step private.steps;
begin
  insert into private.steps (queue, kind, subject_id, due_at) values ('maintenance', p_kind, gen_random_uuid(), private.now()) returning * into v_step;
  perform private.dead_letter(v_step, '{"code": "broken", "message": "Broken."}');
  return v_step.id;
end
$$;
create temp table buried as select pg_temp.bury('test.one') as one, pg_temp.bury('render.advance') as render, pg_temp.bury('upload.advance') as upload;
select is((select jsonb_array_length(engine.list_failures(25, null, null))), 3, 'dead letters are listed');
select is(engine.settle_failure('00000000-0000-4000-8000-00000000a001', null, one, 'retry', null) ->> 'state', 'waiting', 'one is put back to work')
  from buried;
select is((select attempts from private.steps, buried where id = one), 0, 'with all its attempts');
select throws_ok($$ select engine.settle_failure('00000000-0000-4000-8000-00000000a001', null, one, 'discard', null) from buried $$,
  'PT409', 'invalid_state', 'and is no dead letter any more');
select throws_ok($$ select engine.settle_failure('00000000-0000-4000-8000-00000000a001', null, render, 'retry', null) from buried $$,
  'PT409', 'invalid_state', 'a render that is gone is not tried again');
select throws_ok($$ select engine.settle_failure('00000000-0000-4000-8000-00000000a001', null, upload, 'retry', null) from buried $$,
  'PT409', 'invalid_state', 'nor is an upload that needs no attention');
select is(engine.settle_failure('00000000-0000-4000-8000-00000000a001', null, render, 'discard', 'Gone.') ->> 'state', 'done', 'but it can be closed')
  from buried;
select is((select count(*) from public.system_logs where user_id = '00000000-0000-4000-8000-00000000a001' and source = 'admin'), 2::bigint,
  'who did it is recorded');

select * from finish();
rollback;

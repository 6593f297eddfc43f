-- What operators change: defaults, one function for each change, and a history that triggers write.
begin;
select no_plan();
delete from private.settings where key <> 'subject_salt';
set constraints all immediate;

select is(private.setting('alerts') ->> 'work_late_seconds', '600', 'what nobody set is the default');
select is(private.setting('render_limits'), '{}', 'what the variables say has none');
select is(private.setting('nothing'), null, 'what is none is nothing');

-- Settings.
create function pg_temp.last() returns jsonb language sql as $$
  select jsonb_build_array(kind, name, old_value, new_value, made_by) from private.operator_changes order by id desc limit 1
$$;
select is(private.change_setting('alerts', 'error_rate', '0.1', 'ada'), '{"old": 0.05, "new": 0.1}', 'a field is set');
select is(pg_temp.last(), '["setting", "alerts.error_rate", 0.05, 0.1, "ada"]', 'and that is written down');
select is(private.setting('alerts') - 'error_rate', '{"work_late_seconds": 600, "quota_share": 0.9, "muted": []}', 'the others stay');
select is(private.change_setting('alerts', 'error_rate', null, 'grace') -> 'new', '0.05', 'it is given back');
select is(pg_temp.last(), '["setting", "alerts.error_rate", 0.1, 0.05, "grace"]', 'which is written down, too');
select is_empty($$ select from private.settings where key = 'alerts' $$, 'and leaves no row');
select is(private.change_setting('derived_metrics_accepted_at', null, '"2026-11-30"', 'ada'), '{"old": null, "new": "2026-11-30"}', 'a whole one is set');
select is(pg_temp.last(), '["setting", "derived_metrics_accepted_at", null, "2026-11-30", "ada"]', 'with its line');
select set_config('catalyst.operator', '', true);
update private.settings set value = '"2026-12-01"' where key = 'derived_metrics_accepted_at';
select is(pg_temp.last(), jsonb_build_array('setting', 'derived_metrics_accepted_at', '2026-11-30', '2026-12-01', session_user), 'SQL by hand is written down as well');
update private.settings set value = '"salt"' where key = 'subject_salt';
select is_empty($$ select from private.operator_changes where name = 'subject_salt' or new_value::text like '%salt%' $$, 'the salt is not');

-- Secrets.
select is(private.change_secret('test_secret', 'canary-canary', 'ada') -> 'old', 'false', 'a secret is made');
select is(private.change_secret('test_secret', 'canary-canary-2', 'ada') -> 'old', 'true', 'and replaced');
select is((select decrypted_secret from vault.decrypted_secrets where name = 'test_secret'), 'canary-canary-2', 'in Vault');
select is_empty($$ select from private.operator_changes c where c::text like '%canary%' $$, 'the history does not hold it');

-- Plans and releases.
insert into auth.users (id, email) values ('00000000-0000-4000-8000-00000000f801', 'plan@example.test');
select is(private.change_plan('00000000-0000-4000-8000-00000000f801', 'requests_per_minute', '5', 'ada'), '{"old": null, "new": 5}',
  'a plan is made for an account that never came');
select is(private.requests_per_minute('00000000-0000-4000-8000-00000000f801', 100, 2), 2, 'the limiter heeds it');
select is(private.requests_per_minute('00000000-0000-4000-8000-00000000f801', null, 2), 1000000, 'unless there is no limit');
select is(private.change_plan('00000000-0000-4000-8000-00000000f899', 'requests_per_minute', '5', 'ada'), null, 'but for nobody');
insert into public.channels (id, youtube_channel_id, title) values ('00000000-0000-4000-8000-00000000f8c1', 'UCsettings', 'C');
insert into private.unclaimed_videos (channel_id, youtube_video_id, title, title_key, found_at)
values ('00000000-0000-4000-8000-00000000f8c1', 'lost', 'T', 't', private.now());
select isnt(private.release_video('lost', 'ada') ->> 'released_at', null, 'a video is released');
select is((select released_at is not null from private.unclaimed_videos where youtube_video_id = 'lost'), true, 'for good');
select is(pg_temp.last() - 3, '["release", "lost", null, "ada"]', 'and that is written down');
select is(private.release_video('none', 'ada'), null, 'one that is not there is not');

-- Nothing of the history changes.
select throws_ok($$ update private.operator_changes set made_by = 'eve' $$, '42501', null, 'no line is altered');
select throws_ok($$ delete from private.operator_changes $$, '42501', null, 'and none is taken out');
delete from auth.users where id = '00000000-0000-4000-8000-00000000f801';
delete from public.channels where id = '00000000-0000-4000-8000-00000000f8c1';
select is_empty($$ select from private.operator_changes where kind in ('plan', 'release') $$, 'but with the account and the channel');
select is((select relrowsecurity from pg_class where oid = 'private.operator_changes'::regclass), true, 'it is under row level security');
select ok(not has_table_privilege('service_role', 'private.operator_changes', 'select, insert, update, delete'), 'the secret key has no part in it');
select ok(not has_function_privilege('service_role', 'private.change_plan(uuid,text,jsonb,text)', 'execute'), 'and changes no plan');

select * from finish();
rollback;

-- What people met with pg_net and pg_cron: docs/cases.md, S-11 and S-12.
begin;
select plan(8);

-- case_s11: the wake is lost among others, or comes late.
delete from net.http_request_queue;
insert into net.http_request_queue (method, url, headers, body, timeout_milliseconds)
select 'POST', 'http://127.0.0.1:9/elsewhere', '{}', '{}', 10000 from generate_series(1, 500);
update private.steps set state = 'done' where state in ('waiting', 'running');
select is(private.wake_dispatcher(), null, 'case_s11: nothing is called while nothing is due');
insert into private.steps (queue, kind, subject_id, due_at)
values ('maintenance', 'test.late', gen_random_uuid(), private.now() - interval '11 minutes');
select isnt(private.wake_dispatcher(), null, 'case_s11: a wake does not look at what waits before it');
delete from net.http_request_queue where url like '%/api/cron/dispatch';
select isnt(private.wake_dispatcher(), null, 'case_s11: one that was lost is followed by that of the next minute, until the step has run');
select private.check_alerts();
select is((select count(*) from private.incidents where kind = 'work_late' and closed_at is null), 1::bigint,
  'case_s11: work that nobody fetches for ten minutes is an incident');

-- case_s12: jobs are made by functions, as a role that must not write the table, and their history does not grow for ever.
select is(has_table_privilege('postgres', 'cron.job', 'insert, update, delete'), false, 'case_s12: the migrations'' role writes no jobs');
select is((select count(*) from cron.job where jobname in ('wake-dispatcher', 'watch', 'prune-cron-history') and active), 3::bigint,
  'case_s12: and still has them');
do $$ begin execute (select command from cron.job where jobname = 'prune-cron-history'); end $$;
select is((select count(*) from cron.job_run_details where end_time < now() - interval '7 days'), 0::bigint, 'case_s12: a week of history is kept');
update private.steps set due_at = private.now() - interval '12 minutes' where kind = 'test.late';
select isnt(private.wake_dispatcher(), null, 'case_s12: what twelve missed minutes left is found by the thirteenth');

select * from finish();
rollback;

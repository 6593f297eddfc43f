-- What happened, for those who operate the product: a record of every request, provider call and step, rolled up as it
-- is written, so that what operators ask costs the same after ten million requests as after a thousand.

-- Records ------------------------------------------------------------------------------------------------------------

create table private.request_records (
  id bigint generated always as identity,
  request_id text not null,
  at timestamptz not null,
  operation text not null,
  status smallint not null,
  duration_ms integer not null,
  code text,
  slow boolean not null,
  failed boolean not null,
  constraint request_records_pkey primary key (id)
);
comment on table private.request_records is
  'One row for every request but the probes of health; kept for 7 days. Holds no user, address or content: who asked stands in the log line of the same request id.';
comment on column private.request_records.code is 'Slug of the problem that was answered, if one was.';
comment on column private.request_records.slow is 'Took longer than two seconds.';
comment on column private.request_records.failed is 'Was answered with 500 or more.';
create index request_records_request_id_idx on private.request_records (request_id);
create index request_records_at_idx on private.request_records (at);
create index request_records_failed_idx on private.request_records (at desc) where failed;
alter table private.request_records enable row level security;

create table private.provider_calls (
  id bigint generated always as identity,
  request_id text,
  step_id uuid,
  at timestamptz not null,
  service text not null,
  operation text not null,
  attempt smallint not null,
  status smallint,
  error text,
  duration_ms integer not null,
  constraint provider_calls_pkey primary key (id)
);
comment on table private.provider_calls is
  'Every attempt of a call to an outside service, with the request and the step that it was made for; kept for 7 days.';
comment on column private.provider_calls.error is
  'timeout, not_sent, reset, too_large, server_error, throttled or refused; null when the service did its part.';
create index provider_calls_request_id_idx on private.provider_calls (request_id);
create index provider_calls_step_id_idx on private.provider_calls (step_id);
create index provider_calls_at_idx on private.provider_calls (at);
alter table private.provider_calls enable row level security;

create table private.step_runs (
  id bigint generated always as identity,
  request_id text,
  step_id uuid not null,
  at timestamptz not null,
  kind text not null,
  attempt integer not null,
  result text not null,
  reason text,
  duration_ms integer not null,
  constraint step_runs_pkey primary key (id)
);
comment on table private.step_runs is 'Every time that a step was run, with the request that made it due; kept for 7 days.';
create index step_runs_request_id_idx on private.step_runs (request_id);
create index step_runs_step_id_idx on private.step_runs (step_id);
create index step_runs_at_idx on private.step_runs (at);
alter table private.step_runs enable row level security;

-- Rollups ------------------------------------------------------------------------------------------------------------

create function private.latency_bounds() returns integer[]
language plpgsql immutable parallel safe set search_path = '' as $$
begin
  return array[5, 10, 25, 50, 75, 100, 150, 200, 300, 400, 500, 750, 1000, 1500, 2000, 3000, 5000, 10000, 30000];
end
$$;
comment on function private.latency_bounds() is
  'Upper bounds (exclusive, in ms) of the buckets of every latency histogram; a last bucket takes the rest. Never changed: old rollups were counted by it.';

create function private.add_counts(p_one bigint[], p_other bigint[]) returns bigint[]
language plpgsql immutable parallel safe set search_path = '' as $$
begin
  return array(select a + b from unnest(p_one, p_other) as pair (a, b));
end
$$;

create table private.request_minutes (
  minute timestamptz not null,
  requests bigint not null,
  errors bigint not null,
  refused bigint not null,
  slow bigint not null,
  duration_ms bigint not null,
  histogram bigint[] not null,
  constraint request_minutes_pkey primary key (minute),
  constraint request_minutes_histogram_check check (cardinality(histogram) = 20)
);
comment on table private.request_minutes is 'All requests of a minute; kept for 48 hours.';
comment on column private.request_minutes.errors is 'Answered with 500 or more.';
comment on column private.request_minutes.refused is 'Answered with 400 to 499.';
comment on column private.request_minutes.histogram is 'Requests by latency, in the buckets of private.latency_bounds().';
alter table private.request_minutes enable row level security;

create table private.request_hours (
  hour timestamptz not null,
  operation text not null,
  requests bigint not null,
  errors bigint not null,
  refused bigint not null,
  slow bigint not null,
  duration_ms bigint not null,
  histogram bigint[] not null,
  constraint request_hours_pkey primary key (hour, operation),
  constraint request_hours_histogram_check check (cardinality(histogram) = 20)
);
comment on table private.request_hours is
  'All requests of an hour by operation, and under the empty name those of all operations; kept for 13 months.';
alter table private.request_hours enable row level security;

create table private.provider_hours (
  hour timestamptz not null,
  service text not null,
  calls bigint not null,
  errors bigint not null,
  throttled bigint not null,
  duration_ms bigint not null,
  constraint provider_hours_pkey primary key (hour, service)
);
comment on table private.provider_hours is 'Attempts of calls to an outside service in an hour; kept for 13 months.';
alter table private.provider_hours enable row level security;

create table private.step_hours (
  hour timestamptz not null,
  kind text not null,
  runs bigint not null,
  retried bigint not null,
  given_up bigint not null,
  duration_ms bigint not null,
  constraint step_hours_pkey primary key (hour, kind)
);
comment on table private.step_hours is 'Runs of steps in an hour by kind; kept for 13 months.';
alter table private.step_hours enable row level security;

create table private.provider_health (
  service text not null,
  last_call_at timestamptz not null,
  last_duration_ms integer not null,
  last_answered_at timestamptz,
  last_failed_at timestamptz,
  failures bigint not null default 0,
  error text,
  constraint provider_health_pkey primary key (service)
);
comment on table private.provider_health is
  'How the last real calls of an outside service went. Health is told from this row, so that no probe ever calls, or pays, anybody.';
comment on column private.provider_health.failures is 'Calls in a row that the service did not answer as it should; 0 after one that it did.';
alter table private.provider_health enable row level security;

create table private.telemetry (
  singleton boolean not null default true,
  dropped bigint not null default 0,
  constraint telemetry_pkey primary key (singleton),
  constraint telemetry_singleton_check check (singleton)
);
comment on table private.telemetry is 'Records that instances had to drop, because the database did not take them in time.';
insert into private.telemetry default values;
alter table private.telemetry enable row level security;

create function engine.record_activity(
  p_requests jsonb default '[]', p_calls jsonb default '[]', p_steps jsonb default '[]', p_dropped bigint default 0
) returns void
language plpgsql security definer set search_path = '' as $$
begin
  -- Every statement takes its rows in the order of their keys: batches of many instances never wait in a circle.
  with entry as (
    insert into private.request_records (request_id, at, operation, status, duration_ms, code, slow, failed)
    select x.request_id, x.at, x.operation, x.status, x.duration_ms, x.code, x.duration_ms > 2000, x.status >= 500
    from jsonb_to_recordset(p_requests) as x (request_id text, at timestamptz, operation text, status smallint, duration_ms integer, code text)
    returning at, operation, status, duration_ms, slow, failed, width_bucket(duration_ms, private.latency_bounds()) as bucket
  ), timed as (
    select *, date_trunc('minute', at) as minute from entry
  ), spread as (
    select minute, bucket, count(*) as n from timed group by 1, 2
  ), minutes as (
    insert into private.request_minutes as m (minute, requests, errors, refused, slow, duration_ms, histogram)
    select t.minute, count(*), count(*) filter (where t.failed), count(*) filter (where t.status between 400 and 499),
      count(*) filter (where t.slow), sum(t.duration_ms),
      array(
        select coalesce((select s.n from spread s where s.minute = t.minute and s.bucket = b), 0)
        from generate_series(0, 19) as b order by b)
    from timed t group by t.minute order by t.minute
    on conflict on constraint request_minutes_pkey do update
    set requests = m.requests + excluded.requests, errors = m.errors + excluded.errors, refused = m.refused + excluded.refused,
        slow = m.slow + excluded.slow, duration_ms = m.duration_ms + excluded.duration_ms,
        histogram = private.add_counts(m.histogram, excluded.histogram)
  ), named as (
    select date_trunc('hour', e.at) as hour, o.operation, e.status, e.failed, e.slow, e.duration_ms, e.bucket
    from entry e cross join lateral (values (e.operation), ('')) as o (operation)
  ), hourly as (
    select hour, operation, bucket, count(*) as n from named group by 1, 2, 3
  )
  insert into private.request_hours as h (hour, operation, requests, errors, refused, slow, duration_ms, histogram)
  select n.hour, n.operation, count(*), count(*) filter (where n.failed), count(*) filter (where n.status between 400 and 499),
    count(*) filter (where n.slow), sum(n.duration_ms),
    array(
      select coalesce((select s.n from hourly s where s.hour = n.hour and s.operation = n.operation and s.bucket = b), 0)
      from generate_series(0, 19) as b order by b)
  from named n group by n.hour, n.operation order by n.hour, n.operation
  on conflict on constraint request_hours_pkey do update
  set requests = h.requests + excluded.requests, errors = h.errors + excluded.errors, refused = h.refused + excluded.refused,
      slow = h.slow + excluded.slow, duration_ms = h.duration_ms + excluded.duration_ms,
      histogram = private.add_counts(h.histogram, excluded.histogram);

  with entry as (
    insert into private.step_runs (request_id, step_id, at, kind, attempt, result, reason, duration_ms)
    select x.request_id, x.step_id, x.at, x.kind, x.attempt, x.result, x.reason, x.duration_ms
    from jsonb_to_recordset(p_steps) as x (
      request_id text, step_id uuid, at timestamptz, kind text, attempt integer, result text, reason text, duration_ms integer)
    returning at, kind, result, duration_ms
  )
  insert into private.step_hours as h (hour, kind, runs, retried, given_up, duration_ms)
  select date_trunc('hour', at), kind, count(*), count(*) filter (where result = 'retry'), count(*) filter (where result = 'give_up'),
    sum(duration_ms)
  from entry group by 1, 2 order by 1, 2
  on conflict on constraint step_hours_pkey do update
  set runs = h.runs + excluded.runs, retried = h.retried + excluded.retried, given_up = h.given_up + excluded.given_up,
      duration_ms = h.duration_ms + excluded.duration_ms;

  with entry as (
    insert into private.provider_calls (request_id, step_id, at, service, operation, attempt, status, error, duration_ms)
    select x.request_id, x.step_id, x.at, x.service, x.operation, x.attempt, x.status, x.error, x.duration_ms
    from jsonb_to_recordset(p_calls) as x (
      request_id text, step_id uuid, at timestamptz, service text, operation text, attempt smallint, status smallint, error text,
      duration_ms integer)
    returning id, at, service, error, duration_ms
  ), hours as (
    insert into private.provider_hours as h (hour, service, calls, errors, throttled, duration_ms)
    select date_trunc('hour', at), service, count(*), count(*) filter (where error <> 'throttled'),
      count(*) filter (where error = 'throttled'), sum(duration_ms)
    from entry group by 1, 2 order by 1, 2
    on conflict on constraint provider_hours_pkey do update
    set calls = h.calls + excluded.calls, errors = h.errors + excluded.errors, throttled = h.throttled + excluded.throttled,
        duration_ms = h.duration_ms + excluded.duration_ms
  ), judged as (
    -- A service that asks for patience is up.
    select *, coalesce(error, 'throttled') <> 'throttled' as failed,
      max(id) filter (where coalesce(error, 'throttled') = 'throttled') over (partition by service) as last_answered,
      row_number() over (partition by service order by id desc) = 1 as newest
    from entry
  )
  insert into private.provider_health as p (service, last_call_at, last_duration_ms, last_answered_at, last_failed_at, failures, error)
  select service, max(at), max(duration_ms) filter (where newest), max(at) filter (where not failed), max(at) filter (where failed),
    count(*) filter (where failed and (last_answered is null or id > last_answered)),
    max(error) filter (where newest and failed)
  from judged group by service order by service
  on conflict on constraint provider_health_pkey do update
  set last_call_at = greatest(p.last_call_at, excluded.last_call_at), last_duration_ms = excluded.last_duration_ms,
      last_answered_at = greatest(p.last_answered_at, excluded.last_answered_at),
      last_failed_at = greatest(p.last_failed_at, excluded.last_failed_at),
      failures = excluded.failures + case when excluded.last_answered_at is null then p.failures else 0 end,
      error = excluded.error;

  if p_dropped > 0 then
    update private.telemetry set dropped = dropped + p_dropped;
  end if;
end
$$;
comment on function engine.record_activity(jsonb, jsonb, jsonb, bigint) is
  'Keeps what an instance saw since it last wrote: records of requests, provider calls and steps, and their rollups.';

-- Health -------------------------------------------------------------------------------------------------------------

create function private.last_verified_backup() returns timestamptz
language plpgsql stable set search_path = '' as $$
declare
  v_at timestamptz;
begin
  if to_regclass('private.backups') is not null then
    execute 'select max(verified_at) from private.backups' into v_at;
  end if;
  return v_at;
end
$$;
comment on function private.last_verified_backup() is 'When a backup was last shown to be whole by restoring it; null when none was.';

create function private.oldest_due() returns interval
language plpgsql stable security definer set search_path = '' as $$
begin
  return private.now() - least(
    (select min(due_at) from private.steps where state = 'waiting' and due_at <= private.now()),
    (select min(lease_until) from private.steps where state = 'running' and lease_until <= private.now()));
end
$$;
comment on function private.oldest_due() is
  'For how long the work that is due longest has waited: a step that nobody claimed, or one whose worker is gone. Null: none is due.';

create function engine.health() returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'oldest_due_seconds', (select extract(epoch from private.oldest_due())),
    'last_dispatch_at', (select beat_at from private.heartbeats where name = 'dispatch'),
    'last_verified_backup_at', (select private.last_verified_backup()),
    'now', private.now(),
    'providers', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'service', service, 'last_call_at', last_call_at, 'duration_ms', last_duration_ms, 'failures', failures, 'error', error)), '[]')
      from private.provider_health))
$$;
comment on function engine.health() is 'What health is told from: work done, and how the last real calls of the outside services went.';

revoke all on function engine.record_activity(jsonb, jsonb, jsonb, bigint), engine.health() from public, anon, authenticated;
grant execute on function engine.record_activity(jsonb, jsonb, jsonb, bigint), engine.health() to service_role;

-- Retention ----------------------------------------------------------------------------------------------------------

select cron.schedule('prune-activity', '50 3 * * *', $$
  delete from private.request_records where at < now() - interval '7 days';
  delete from private.provider_calls where at < now() - interval '7 days';
  delete from private.step_runs where at < now() - interval '7 days';
  delete from private.request_minutes where minute < now() - interval '48 hours';
  delete from private.request_hours where hour < now() - interval '13 months';
  delete from private.provider_hours where hour < now() - interval '13 months';
  delete from private.step_hours where hour < now() - interval '13 months'$$);

-- Uptime -------------------------------------------------------------------------------------------------------------

create table private.uptime_probes (
  minute timestamptz not null,
  net_request_id bigint,
  ok boolean,
  status smallint,
  constraint uptime_probes_pkey primary key (minute)
);
comment on table private.uptime_probes is
  'Whether the deployment answered when the database asked for its health, once a minute by the real clock; kept for 35 days. A minute '
  'without a row is one in which nobody could ask.';
comment on column private.uptime_probes.ok is 'Health was answered with 200; null until it is known.';
alter table private.uptime_probes enable row level security;

create function private.settle_uptime() returns void
language sql set search_path = '' as $$
  update private.uptime_probes p set ok = coalesce(r.status_code = 200, false), status = r.status_code
  from net._http_response r where p.ok is null and r.id = p.net_request_id;
  update private.uptime_probes set ok = false where ok is null and minute < clock_timestamp() - interval '3 minutes'
$$;

create function private.probe_uptime() returns void
language plpgsql set search_path = '' as $$
declare
  v_url text := (select decrypted_secret from vault.decrypted_secrets where name = 'app_url');
begin
  perform private.settle_uptime();
  if v_url is not null then
    insert into private.uptime_probes (minute, net_request_id)
    values (date_trunc('minute', clock_timestamp()), net.http_get(url := v_url || '/api/health', timeout_milliseconds := 8000))
    on conflict on constraint uptime_probes_pkey do nothing;
  end if;
end
$$;
comment on function private.probe_uptime() is 'Notes what came of the last minute''s question, and asks the next one.';
select cron.schedule('probe-uptime', '* * * * *', 'select private.probe_uptime()');

create function private.uptime(p_window interval) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    with span as (
      select greatest(clock_timestamp() - p_window, min(minute)) as since, date_trunc('minute', clock_timestamp()) - interval '2 minutes' as until
      from private.uptime_probes having min(minute) is not null
    ), counted as (
      select floor(extract(epoch from s.until - s.since) / 60) + 1 as minutes,
        (select count(*) from private.uptime_probes p where p.ok and p.minute between s.since and s.until) as up
      from span s
    )
    select jsonb_build_object('ratio', round(least(1, up / minutes), 6), 'minutes', minutes, 'minutes_up', up)
    from counted where minutes >= 1);
end
$$;
comment on function private.uptime(interval) is
  'The share of the minutes of a window (no longer than there is a record of) in which health was answered with 200. Null: nothing was measured yet.';

-- Metrics ------------------------------------------------------------------------------------------------------------

create index steps_dead_idx on private.steps (updated_at desc, id) where state = 'dead';
create index steps_running_idx on private.steps (lease_until) where state = 'running';

create function private.statement_statistics() returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_answer jsonb;
begin
  execute 'select jsonb_build_object(''queries'', sum(calls)::bigint, ''slow_queries'', count(*) filter (where mean_exec_time > 1000), '
    '''total_ms'', round(sum(total_exec_time))::bigint) from extensions.pg_stat_statements(false)' into v_answer;
  return v_answer;
exception
  -- Not every project has it, or lets this role read it.
  when undefined_table or insufficient_privilege or object_not_in_prerequisite_state or undefined_column or undefined_function or invalid_schema_name then
    return null;
end
$$;

create table private.measurements (
  name text not null,
  value jsonb not null,
  measured_at timestamptz not null default clock_timestamp(),
  constraint measurements_pkey primary key (name)
);
comment on table private.measurements is
  'What grows with the deployment and is too dear to be measured for every look: taken once a minute. The size asks the file system for '
  'every table, the statements'' statistics copy thousands of rows, users, steps and minutes of a month are counted one by one, and what '
  'each operation, service and kind of step did in 24 hours is summed up from as many rollups as they have hours.';
alter table private.measurements enable row level security;

create function private.measure_deployment() returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_now timestamptz := private.now();
  v_since timestamptz := date_trunc('hour', v_now - interval '24 hours');
  -- Rows are stamped by the real clock.
  v_yesterday timestamptz := clock_timestamp() - interval '24 hours';
begin
  return jsonb_build_object(
    'size_bytes', pg_catalog.pg_database_size(current_database()), 'statements', private.statement_statistics(),
    'uptime_24h', private.uptime(interval '24 hours'), 'uptime_30d', private.uptime(interval '30 days'),
    'operations', (
      select coalesce(jsonb_agg(to_jsonb(o) order by o.requests desc, o.operation), '[]')
      from (
        select operation, sum(requests) as requests, sum(errors) as errors, sum(refused) as refused, sum(slow) as slow,
          sum(duration_ms) as duration_ms
        from private.request_hours where operation <> '' and hour >= v_since and hour <= v_now group by operation) o),
    'providers', (
      select coalesce(jsonb_agg(to_jsonb(p) order by p.service), '[]')
      from (
        select service, sum(calls) as calls, sum(errors) as errors, sum(throttled) as throttled, sum(duration_ms) as duration_ms
        from private.provider_hours where hour >= v_since and hour <= v_now group by service) p),
    'pipeline', (
      select jsonb_build_object(
        'due', coalesce(sum(due), 0), 'running', coalesce(sum(running), 0), 'waiting', coalesce(sum(n - running), 0),
        'queues', coalesce(jsonb_object_agg(queue, n), '{}'))
      from (
        select queue, count(*) as n, count(*) filter (where state = 'running') as running,
          count(*) filter (where state = 'waiting' and due_at <= v_now) as due
        from private.steps where state in ('waiting', 'running') group by queue) q)
      || jsonb_build_object('steps', (
        select coalesce(jsonb_agg(to_jsonb(k) order by k.kind), '[]')
        from (
          select kind, sum(runs) as runs, sum(retried) as retried, sum(given_up) as given_up, sum(duration_ms) as duration_ms
          from private.step_hours where hour >= v_since and hour <= v_now group by kind) k)),
    'users', jsonb_build_object(
      'total', (select count(*) from public.users),
      'new_24h', (select count(*) from public.users where created_at >= v_yesterday),
      -- Every call of a signed-in user moves their limiter's clock.
      'active_24h', (
        select count(distinct user_id) from private.rate_limits where theoretical_arrival >= v_yesterday),
      'channels', (select coalesce(jsonb_object_agg(state, n), '{}') from (select state, count(*) as n from public.channels group by state) s)));
end
$$;
select cron.schedule('measure-deployment', '* * * * *', $$
  insert into private.measurements (name, value) values ('deployment', private.measure_deployment())
  on conflict on constraint measurements_pkey do update set value = excluded.value, measured_at = excluded.measured_at
$$);

create function engine.admin_metrics() returns jsonb
-- To plan it takes longer than to run it. A plan for any moment is a good one because every range has both its ends.
language plpgsql stable security definer set search_path = '' set plan_cache_mode = 'force_generic_plan' as $$
declare
  v_now timestamptz := private.now();
  v_since timestamptz := v_now - interval '24 hours';
  -- Hours from their rollup, what the first one leaves from that of the minutes: at most 84 rows, whatever the traffic.
  v_first timestamptz := date_trunc('hour', v_since) + interval '1 hour';
  v_end timestamptz := date_trunc('hour', v_now) + interval '1 hour';
  -- Rows are stamped by the real clock.
  v_yesterday timestamptz := clock_timestamp() - interval '24 hours';
  v_tomorrow timestamptz := clock_timestamp() + interval '24 hours';
  v_period date := private.usage_period(v_now);
  v_day date := private.quota_day(v_now);
  v_requests jsonb;
  -- Measured anew when the minute's measurement is missing.
  v_measured jsonb := coalesce(
    (select value from private.measurements where name = 'deployment' and measured_at > clock_timestamp() - interval '5 minutes'),
    private.measure_deployment());
begin
  select jsonb_build_object(
    'requests', coalesce(sum(requests), 0), 'errors', coalesce(sum(errors), 0), 'refused', coalesce(sum(refused), 0),
    'slow', coalesce(sum(slow), 0), 'duration_ms', coalesce(sum(duration_ms), 0), 'bounds_ms', private.latency_bounds(),
    -- One by one: to unnest the buckets and to group them costs three times as much.
    'histogram', jsonb_build_array(
      coalesce(sum(histogram[1]), 0), coalesce(sum(histogram[2]), 0), coalesce(sum(histogram[3]), 0), coalesce(sum(histogram[4]), 0),
      coalesce(sum(histogram[5]), 0), coalesce(sum(histogram[6]), 0), coalesce(sum(histogram[7]), 0), coalesce(sum(histogram[8]), 0),
      coalesce(sum(histogram[9]), 0), coalesce(sum(histogram[10]), 0), coalesce(sum(histogram[11]), 0), coalesce(sum(histogram[12]), 0),
      coalesce(sum(histogram[13]), 0), coalesce(sum(histogram[14]), 0), coalesce(sum(histogram[15]), 0), coalesce(sum(histogram[16]), 0),
      coalesce(sum(histogram[17]), 0), coalesce(sum(histogram[18]), 0), coalesce(sum(histogram[19]), 0), coalesce(sum(histogram[20]), 0)))
  into v_requests
  from (
    select requests, errors, refused, slow, duration_ms, histogram from private.request_hours
    where operation = '' and hour >= v_first and hour < v_end
    union all
    select requests, errors, refused, slow, duration_ms, histogram from private.request_minutes
    where minute >= v_since and minute < v_first) part;

  return jsonb_build_object(
    'now', v_now,
    'requests', v_requests,
    'operations', v_measured -> 'operations',
    'providers', v_measured -> 'providers',
    'uptime_24h', v_measured -> 'uptime_24h',
    'uptime_30d', v_measured -> 'uptime_30d',
    'database', (
      select jsonb_build_object(
        'connections', a.connections,
        'connections_max', current_setting('max_connections')::integer,
        'oldest_transaction_seconds', a.oldest,
        'size_bytes', v_measured -> 'size_bytes',
        'transactions', d.xact_commit + d.xact_rollback,
        'deadlocks', d.deadlocks,
        'cache_hit_ratio', round(d.blks_hit::numeric / nullif(d.blks_hit + d.blks_read, 0), 4),
        'statements', v_measured -> 'statements')
      from (
        select count(*) as connections,
          extract(epoch from max(clock_timestamp() - xact_start) filter (where pid <> pg_catalog.pg_backend_pid())) as oldest
        from pg_catalog.pg_stat_activity where backend_type = 'client backend') a,
        pg_catalog.pg_stat_database d
      where d.datname = current_database()),
    'quota', (
      select jsonb_agg(jsonb_build_object(
        'bucket', b.bucket, 'capacity', private.quota_capacity(b.bucket), 'spent', coalesce(l.spent, 0), 'reserved', coalesce(l.reserved, 0),
        'exhausted', l.exhausted_at is not null) order by b.bucket)
      from unnest(array['uploads', 'search', 'batch_get_stats', 'units']) as b (bucket)
      left join private.quota_ledger l on l.bucket = b.bucket and l.quota_day = v_day),
    'quota_resets_at', private.quota_day_start(v_day + 1),
    'generation', (
      select jsonb_build_object('cost_micros', coalesce(sum(cost_micros), 0), 'reserved_micros', coalesce(sum(reserved_micros), 0))
      from private.generation_spend where period = v_period),
    'render_credits_today', (
      select coalesce(sum(credits), 0) from private.render_budgets where day = (v_now at time zone 'UTC')::date),
    'users', v_measured -> 'users',
    'failed', (
      select coalesce(jsonb_agg(to_jsonb(f) order by f.at desc), '[]')
      from (
        select at, request_id, operation, status, code, duration_ms from private.request_records
        where failed and at >= v_since and at < v_end order by at desc limit 20) f),
    'events', (
      select coalesce(jsonb_object_agg(severity, n), '{}')
      from (
        select severity, count(*) as n from public.system_logs
        where created_at >= v_yesterday and created_at < v_tomorrow and severity in ('warning', 'error', 'critical') group by severity) s),
    'pipeline', jsonb_build_object(
      'dead', (select count(*) from private.steps where state = 'dead'),
      'oldest_due_seconds', (select extract(epoch from private.oldest_due())),
      'last_dispatch_at', (select beat_at from private.heartbeats where name = 'dispatch')) || (v_measured -> 'pipeline'),
    'last_verified_backup_at', private.last_verified_backup(),
    'incidents', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'kind', kind, 'subject', nullif(subject, ''), 'summary', summary, 'opened_at', opened_at) order by opened_at), '[]')
      from private.incidents where closed_at is null),
    'records_dropped', (select dropped from private.telemetry));
end
$$;
comment on function engine.admin_metrics() is 'What an operator wants to know at a glance, over the last 24 hours; from rollups.';

-- Incidents ----------------------------------------------------------------------------------------------------------

create table private.incidents (
  id bigint generated always as identity,
  kind text not null,
  subject text not null default '',
  summary text not null,
  details jsonb not null default '{}',
  opened_at timestamptz not null,
  last_seen_at timestamptz not null,
  calm_since timestamptz,
  closed_at timestamptz,
  constraint incidents_pkey primary key (id)
);
comment on table private.incidents is
  'Something that an operator must know: told once when it begins and once when it has been over for three minutes. Kept for 13 months.';
comment on column private.incidents.subject is 'What of its kind is concerned: a service, a bucket of the quota. Empty where there is only one.';
create unique index incidents_open_key on private.incidents (kind, subject) where closed_at is null;
create index incidents_opened_at_idx on private.incidents (opened_at);
alter table private.incidents enable row level security;

create table private.alerts (
  id bigint generated always as identity,
  incident_id bigint not null,
  event text not null,
  message text not null,
  tries integer not null default 0,
  net_request_id bigint,
  sent_at timestamptz,
  delivered_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  constraint alerts_pkey primary key (id),
  constraint alerts_incident_id_event_key unique (incident_id, event),
  constraint alerts_incident_id_fkey foreign key (incident_id) references private.incidents (id) on delete cascade,
  constraint alerts_event_check check (event in ('opened', 'closed'))
);
comment on table private.alerts is
  'Messages to Slack, sent by the database itself through pg_net, because the functions may be what is broken. Sent again only when Slack '
  'did not take one, at most five times.';
create index alerts_undelivered_idx on private.alerts (created_at) where delivered_at is null;
alter table private.alerts enable row level security;

create function private.span_text(p_span interval) returns text
language sql immutable set search_path = '' as $$
  select case
    when p_span < interval '2 minutes' then extract(epoch from p_span)::integer || ' s'
    when p_span < interval '2 hours' then (extract(epoch from p_span) / 60)::integer || ' min'
    when p_span < interval '2 days' then (extract(epoch from p_span) / 3600)::integer || ' h'
    else (extract(epoch from p_span) / 86400)::integer || ' days' end
$$;

create function private.observe(p_kind text, p_subject text, p_bad boolean, p_summary text, p_details jsonb default '{}') returns void
language plpgsql set search_path = '' as $$
declare
  v_incident private.incidents;
  v_now timestamptz := private.now();
begin
  if coalesce((private.setting('alerts') -> 'muted') ? p_kind, false) then
    return;
  end if;
  select * into v_incident from private.incidents where kind = p_kind and subject = p_subject and closed_at is null for no key update;
  if p_bad and v_incident.id is null then
    insert into private.incidents (kind, subject, summary, details, opened_at, last_seen_at)
    values (p_kind, p_subject, p_summary, p_details, v_now, v_now) returning * into v_incident;
    insert into private.alerts (incident_id, event, message) values (v_incident.id, 'opened', p_summary);
    perform private.log_event('incident.opened', 'error', 'monitoring', p_summary,
      jsonb_build_object('incident_id', v_incident.id, 'kind', p_kind, 'subject', p_subject) || p_details);
  elsif p_bad then
    update private.incidents set last_seen_at = v_now, calm_since = null, details = p_details where id = v_incident.id;
  elsif v_incident.id is null then
    return;
  elsif v_incident.calm_since is null then
    update private.incidents set calm_since = v_now where id = v_incident.id;
  elsif v_incident.calm_since <= v_now - interval '3 minutes' then
    update private.incidents set closed_at = v_now where id = v_incident.id;
    insert into private.alerts (incident_id, event, message) values (v_incident.id, 'closed',
      format('Over after %s: %s', private.span_text(v_incident.calm_since - v_incident.opened_at), v_incident.summary));
    perform private.log_event('incident.closed', 'info', 'monitoring', v_incident.summary,
      jsonb_build_object('incident_id', v_incident.id, 'kind', p_kind, 'subject', p_subject));
  end if;
end
$$;
comment on function private.observe(text, text, boolean, text, jsonb) is
  'Tells how something stands. Opens an incident when it is bad and none is open, closes the open one when it has been well for three '
  'minutes; anything between, and any number of repetitions, changes nothing that anybody is told.';

create function private.deliver_alerts() returns void
language plpgsql set search_path = '' as $$
declare
  v_url text := (select decrypted_secret from vault.decrypted_secrets where name = 'slack_webhook_url');
  v_app text := (select decrypted_secret from vault.decrypted_secrets where name = 'app_url');
  v_alert record;
begin
  update private.alerts a set delivered_at = clock_timestamp()
  from net._http_response r where a.delivered_at is null and r.id = a.net_request_id and r.status_code between 200 and 299;
  if v_url is null then
    return;
  end if;
  for v_alert in
    select a.id, a.event, a.message, i.kind
    from private.alerts a join private.incidents i on i.id = a.incident_id left join net._http_response r on r.id = a.net_request_id
    where a.delivered_at is null and a.tries < 5 and a.created_at > clock_timestamp() - interval '1 day'
      and (a.net_request_id is null
        -- Refused, or not reached. A time-out may have been a delivery: that one is not sent again.
        or (r.id is not null and not coalesce(r.timed_out, false)))
    order by a.id for no key update of a
  loop
    update private.alerts
    set tries = tries + 1, sent_at = clock_timestamp(), net_request_id = net.http_post(
      url := v_url, timeout_milliseconds := 8000,
      body := jsonb_build_object('text', format('%s *%s*%s%s · %s · docs/monitoring.md#%s',
        case v_alert.event when 'opened' then ':rotating_light:' else ':white_check_mark:' end, v_alert.message, E'\n', v_app, v_alert.kind,
        replace(v_alert.kind, '_', '-'))))
    where id = v_alert.id;
  end loop;
end
$$;
comment on function private.deliver_alerts() is
  'Sends what was not sent yet to the vault''s slack_webhook_url. Without that secret nothing is sent; incidents are kept all the same.';

create function private.watch() returns void
language plpgsql set search_path = '' as $$
declare
  v_now timestamptz := private.now();
  v_settings jsonb := coalesce(private.setting('alerts'), '{}');
  v_late interval := make_interval(secs => coalesce((v_settings ->> 'work_late_seconds')::double precision, 600));
  v_share numeric := coalesce((v_settings ->> 'error_rate')::numeric, 0.05);
  v_quota numeric := coalesce((v_settings ->> 'quota_share')::numeric, 0.9);
  v_row record;
  v_due interval;
  v_backup timestamptz;
begin
  -- One watch at a time: another one sees the same.
  if not pg_try_advisory_xact_lock(hashtext('private.watch')) then
    return;
  end if;

  select coalesce(sum(requests), 0) as requests, coalesce(sum(errors), 0) as errors into v_row
  from private.request_minutes where minute > v_now - interval '5 minutes';
  perform private.observe('error_rate', '', v_row.requests >= 20 and v_row.errors > v_share * v_row.requests,
    format('%s of the last %s requests failed', v_row.errors, v_row.requests),
    jsonb_build_object('requests', v_row.requests, 'errors', v_row.errors));

  v_due := private.oldest_due();
  perform private.observe('work_late', '', coalesce(v_due > v_late, false),
    format('Work that is due has waited for %s', private.span_text(v_due)), jsonb_build_object('seconds', extract(epoch from v_due)));

  -- Nobody expects a backup of a deployment that is younger than its first one would be.
  v_backup := private.last_verified_backup();
  perform private.observe('backup_late', '',
    coalesce(v_backup, (select min(minute) from private.uptime_probes)) < clock_timestamp() - interval '26 hours',
    coalesce(format('The last verified backup is %s old', private.span_text(clock_timestamp() - v_backup)), 'No backup was ever verified'),
    jsonb_build_object('last_verified_backup_at', v_backup));

  for v_row in
    select b.bucket, private.quota_capacity(b.bucket) as capacity, coalesce(l.spent + l.reserved, 0) as used, l.exhausted_at is not null as exhausted
    from unnest(array['uploads', 'search', 'batch_get_stats', 'units']) as b (bucket)
    left join private.quota_ledger l on l.bucket = b.bucket and l.quota_day = private.quota_day(v_now)
  loop
    perform private.observe('quota_low', v_row.bucket, v_row.exhausted or v_row.used >= v_quota * v_row.capacity,
      format('YouTube''s daily quota for %s: %s of %s used%s', v_row.bucket, v_row.used, v_row.capacity,
        case when v_row.exhausted then ', and YouTube says it is exhausted' else '' end),
      to_jsonb(v_row));
  end loop;

  for v_row in select service, failures, error, last_failed_at from private.provider_health loop
    perform private.observe('provider_down', v_row.service,
      -- One that is not called any more, because every step gave up, is not known to be down for ever.
      v_row.failures >= 3 and v_row.last_failed_at > v_now - interval '1 hour',
      format('%s did not answer the last %s calls as it should (%s)', v_row.service, v_row.failures, coalesce(v_row.error, 'none')),
      to_jsonb(v_row));
  end loop;

  perform private.settle_uptime();
  select count(*) as asked, count(*) filter (where not ok) as failed into v_row
  from (select ok from private.uptime_probes where ok is not null order by minute desc limit 3) p;
  perform private.observe('api_down', '', v_row.asked = 3 and v_row.failed = 3, 'The deployment has not answered for three minutes',
    jsonb_build_object('failed_probes', v_row.failed));

  perform private.deliver_alerts();
end
$$;
comment on function private.watch() is
  'Looks once a minute at what operators must be told: error_rate, work_late, backup_late, quota_low, provider_down, api_down. The setting '
  'alerts changes thresholds and mutes kinds: {"error_rate": 0.05, "work_late_seconds": 600, "quota_share": 0.9, "muted": ["backup_late"]}.';
select cron.schedule('watch', '* * * * *', 'select private.watch()');

-- Dead letters -------------------------------------------------------------------------------------------------------

create function engine.list_failures(p_limit integer default 25, p_before timestamptz default null, p_before_id uuid default null) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(to_jsonb(f) order by f.died_at desc, f.id desc), '[]')
  from (
    select id, kind, queue, subject_id, channel_id, attempts, claims, last_error, request_id, created_at, updated_at as died_at
    from private.steps
    where state = 'dead' and (p_before is null or (updated_at, id) < (p_before, p_before_id))
    order by updated_at desc, id desc limit least(p_limit, 101)) f
$$;
comment on function engine.list_failures(integer, timestamptz, uuid) is 'Dead letters, the newest first; p_before and p_before_id: the last one read.';

create function private.revive_subject(p_step private.steps) returns void
language plpgsql set search_path = '' as $$
declare
  v_upload public.scheduled_uploads;
  v_state text;
begin
  case (p_step).kind
    when 'upload.advance' then
      select * into v_upload from public.scheduled_uploads where id = (p_step).subject_id for no key update;
      if v_upload.state is distinct from 'needs_attention' then
        perform private.refuse(409, 'invalid_state', format('The upload stands at %s: there is nothing to try again. Discard the dead letter.',
          coalesce(v_upload.state, 'nothing, it is gone')));
      end if;
      perform private.resume_upload(v_upload);
    when 'upload.thumbnail' then
      update public.scheduled_uploads set thumbnail = 'wanted', thumbnail_error = null where id = (p_step).subject_id and thumbnail = 'failed';
    when 'render.advance' then
      select state into v_state from public.renders where id = (p_step).subject_id for no key update;
      if v_state is null or v_state in ('failed', 'cancelled', 'ready') then
        perform private.refuse(409, 'invalid_state', format('The render stands at %s: there is nothing to try again. Discard the dead letter.',
          coalesce(v_state, 'nothing, it is gone')));
      end if;
    else
      null;
  end case;
end
$$;
comment on function private.revive_subject(private.steps) is
  'Takes a dead step''s subject out of the state in which private.on_dead_<kind> left it; refuses where trying again would do nothing.';

create function engine.settle_failure(p_user uuid, p_idempotency jsonb default null, p_step uuid default null, p_action text default null, p_reason text default null)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_answer jsonb;
  v_step private.steps;
begin
  v_answer := private.begin_request(p_user, 'admin.failures.settle', p_idempotency);
  if v_answer is not null then
    return v_answer;
  end if;
  select * into v_step from private.steps where id = p_step for no key update;
  if v_step.id is null then
    perform private.refuse(404, 'not_found', 'No such object.');
  elsif v_step.state <> 'dead' then
    perform private.refuse(409, 'invalid_state', format('This step is no dead letter any more: it is %s.', v_step.state));
  end if;
  if p_action = 'retry' then
    perform private.revive_subject(v_step);
    perform private.enqueue_step(v_step.queue, v_step.kind, v_step.subject_id, v_step.channel_id);
  else
    update private.steps set state = 'done', reason = 'discarded' where id = v_step.id;
  end if;
  perform pgmq.delete('dead', msg_id) from pgmq.q_dead where message ->> 'step' = v_step.id::text;
  perform private.log_event('failure.' || case p_action when 'retry' then 'retried' else 'discarded' end, 'info', 'admin',
    format('The dead step %s was %s.', v_step.kind, case p_action when 'retry' then 'put back to work' else 'discarded' end),
    jsonb_build_object('step_id', v_step.id, 'kind', v_step.kind, 'subject_id', v_step.subject_id, 'error', v_step.last_error, 'reason', p_reason),
    p_user);
  select * into v_step from private.steps where id = p_step;
  return private.end_request(p_user, 'admin.failures.settle', p_idempotency,
    jsonb_build_object('id', v_step.id, 'kind', v_step.kind, 'action', p_action, 'state', v_step.state));
end
$$;
comment on function engine.settle_failure(uuid, jsonb, uuid, text, text) is
  'Puts a dead step back to work (retry) or closes it (discard), and writes down who did it and why. Only administrators get here: the functions check.';

revoke all on function engine.admin_metrics(), engine.list_failures(integer, timestamptz, uuid),
  engine.settle_failure(uuid, jsonb, uuid, text, text) from public, anon, authenticated;
grant execute on function engine.admin_metrics(), engine.list_failures(integer, timestamptz, uuid),
  engine.settle_failure(uuid, jsonb, uuid, text, text) to service_role;

select cron.schedule('prune-monitoring', '55 3 * * *', $$
  delete from private.uptime_probes where minute < now() - interval '35 days';
  delete from private.incidents where closed_at < now() - interval '13 months'$$);

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
create index request_records_marked_idx on private.request_records (at) where slow or failed;
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
language sql immutable parallel safe set search_path = '' as $$
  select array[5, 10, 25, 50, 75, 100, 150, 200, 300, 400, 500, 750, 1000, 1500, 2000, 3000, 5000, 10000, 30000]
$$;
comment on function private.latency_bounds() is
  'Upper bounds (exclusive, in ms) of the buckets of every latency histogram; a last bucket takes the rest. Never changed: old rollups were counted by it.';

create function private.add_counts(p_one bigint[], p_other bigint[]) returns bigint[]
language sql immutable parallel safe set search_path = '' as $$
  select array(select a + b from unnest(p_one, p_other) as pair (a, b))
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
language sql stable security definer set search_path = '' as $$
  select private.now() - least(
    (select min(due_at) from private.steps where state = 'waiting' and due_at <= private.now()),
    (select min(lease_until) from private.steps where state = 'running' and lease_until <= private.now()))
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

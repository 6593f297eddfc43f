-- How the functions hand over what they did.

create function engine.record_activity(
  p_requests jsonb default '[]', p_calls jsonb default '[]', p_steps jsonb default '[]', p_dropped bigint default 0
) returns void
language plpgsql security definer set search_path = '' as $$
begin
  -- Every statement takes its rows in the order of their keys: batches of many instances never wait in a circle.
  with entry as (
    insert into private.request_records (request_id, at, operation, status, duration_ms, code, slow, failed)
    select x.request_id, x.at, x.operation, x.status, x.duration_ms, x.code, x.duration_ms > 2000, x.status >= 500
    from jsonb_to_recordset(p_requests) as x (request_id text, at timestamptz, operation text, status smallint,
      duration_ms integer, code text)
    returning at, operation, status, duration_ms, slow, failed,
      width_bucket(duration_ms, private.latency_bounds()) as bucket
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
    set requests = m.requests + excluded.requests, errors = m.errors + excluded.errors,
        refused = m.refused + excluded.refused, slow = m.slow + excluded.slow,
        duration_ms = m.duration_ms + excluded.duration_ms,
        histogram = private.add_counts(m.histogram, excluded.histogram)
  ), named as (
    select date_trunc('hour', e.at) as hour, o.operation, e.status, e.failed, e.slow, e.duration_ms, e.bucket
    from entry e cross join lateral (values (e.operation), ('')) as o (operation)
  ), hourly as (
    select hour, operation, bucket, count(*) as n from named group by 1, 2, 3
  )
  insert into private.request_hours as h (hour, operation, requests, errors, refused, slow, duration_ms, histogram)
  select n.hour, n.operation, count(*), count(*) filter (where n.failed),
    count(*) filter (where n.status between 400 and 499), count(*) filter (where n.slow), sum(n.duration_ms),
    array(
      select coalesce((select s.n from hourly s where s.hour = n.hour and s.operation = n.operation and s.bucket = b),
        0)
      from generate_series(0, 19) as b order by b)
  from named n group by n.hour, n.operation order by n.hour, n.operation
  on conflict on constraint request_hours_pkey do update
  set requests = h.requests + excluded.requests, errors = h.errors + excluded.errors,
      refused = h.refused + excluded.refused, slow = h.slow + excluded.slow,
      duration_ms = h.duration_ms + excluded.duration_ms,
      histogram = private.add_counts(h.histogram, excluded.histogram);

  with entry as (
    insert into private.step_runs (request_id, step_id, at, kind, attempt, result, reason, duration_ms)
    select x.request_id, x.step_id, x.at, x.kind, x.attempt, x.result, x.reason, x.duration_ms
    from jsonb_to_recordset(p_steps) as x (
      request_id text, step_id uuid, at timestamptz, kind text, attempt integer, result text, reason text,
      duration_ms integer)
    returning at, kind, result, duration_ms
  )
  insert into private.step_hours as h (hour, kind, runs, retried, given_up, duration_ms)
  select date_trunc('hour', at), kind, count(*), count(*) filter (where result = 'retry'),
    count(*) filter (where result = 'give_up'), sum(duration_ms)
  from entry group by 1, 2 order by 1, 2
  on conflict on constraint step_hours_pkey do update
  set runs = h.runs + excluded.runs, retried = h.retried + excluded.retried, given_up = h.given_up + excluded.given_up,
      duration_ms = h.duration_ms + excluded.duration_ms;

  with entry as (
    insert into private.provider_calls (request_id, step_id, at, service, operation, attempt, status, error,
      duration_ms)
    select x.request_id, x.step_id, x.at, x.service, x.operation, x.attempt, x.status, x.error, x.duration_ms
    from jsonb_to_recordset(p_calls) as x (
      request_id text, step_id uuid, at timestamptz, service text, operation text, attempt smallint, status smallint,
      error text, duration_ms integer)
    returning id, at, service, error, duration_ms
  ), hours as (
    insert into private.provider_hours as h (hour, service, calls, errors, throttled, duration_ms)
    select date_trunc('hour', at), service, count(*), count(*) filter (where error <> 'throttled'),
      count(*) filter (where error = 'throttled'), sum(duration_ms)
    from entry group by 1, 2 order by 1, 2
    on conflict on constraint provider_hours_pkey do update
    set calls = h.calls + excluded.calls, errors = h.errors + excluded.errors,
        throttled = h.throttled + excluded.throttled, duration_ms = h.duration_ms + excluded.duration_ms
  ), judged as (
    -- A service that asks for patience is up.
    select *, coalesce(error, 'throttled') <> 'throttled' as failed,
      max(id) filter (where coalesce(error, 'throttled') = 'throttled') over (partition by service) as last_answered,
      row_number() over (partition by service order by id desc) = 1 as newest
    from entry
  )
  insert into private.provider_health as p (service, last_call_at, last_duration_ms, last_answered_at, last_failed_at,
    failures, error)
  select service, max(at), max(duration_ms) filter (where newest), max(at) filter (where not failed),
    max(at) filter (where failed), count(*) filter (where failed and (last_answered is null or id > last_answered)),
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

select cron.schedule('prune-activity', '50 3 * * *', $$
  delete from private.request_records where at < now() - interval '7 days';
  delete from private.provider_calls where at < now() - interval '7 days';
  delete from private.step_runs where at < now() - interval '7 days';
  delete from private.request_minutes where minute < now() - interval '48 hours';
  delete from private.request_hours where hour < now() - interval '13 months';
  delete from private.provider_hours where hour < now() - interval '13 months';
  delete from private.step_hours where hour < now() - interval '13 months'$$);

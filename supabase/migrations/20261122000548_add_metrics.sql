-- What an operator wants to know at a glance.

create function private.statement_statistics() returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_answer jsonb;
begin
  execute 'select jsonb_build_object(''queries'', sum(calls)::bigint, ''slow_queries'', count(*) filter (where '
    'mean_exec_time > 1000), '
    '''total_ms'', round(sum(total_exec_time))::bigint) from extensions.pg_stat_statements(false)' into v_answer;
  return v_answer;
exception
  -- Not every project has it, or lets this role read it.
  when undefined_table or insufficient_privilege or object_not_in_prerequisite_state or undefined_column
    or undefined_function or invalid_schema_name then
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
  'What grows with the deployment and is too dear to be measured for every look: taken once a minute. The size asks '
  'the file system for every table, the statements'' statistics copy thousands of rows, users, steps and minutes of '
  'a month are counted one by one, and what each operation, service and kind of step did in 24 hours is summed up '
  'from as many rollups as they have hours.';
alter table private.measurements enable row level security;

create function private.average(p_sum numeric, p_count numeric) returns numeric
language sql immutable set search_path = '' as $$
  select round(p_sum / nullif(p_count, 0), 1)
$$;
comment on function private.average(numeric, numeric) is 'A mean to one decimal place; null of nothing.';

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
    'uptime', jsonb_build_object(
      'last_24h', private.uptime(interval '24 hours'), 'last_30d', private.uptime(interval '30 days')),
    'operations', (
      select coalesce(jsonb_agg(to_jsonb(o) order by o.requests desc, o.operation), '[]')
      from (
        select operation, sum(requests) as requests, sum(errors) as errors, sum(slow) as slow,
          private.average(sum(duration_ms), sum(requests)) as average_ms
        from private.request_hours where operation <> '' and hour >= v_since and hour <= v_now group by operation) o),
    'providers', (
      select coalesce(jsonb_object_agg(p.service, to_jsonb(p) - 'service'), '{}')
      from (
        select service, sum(calls) as calls, sum(errors) as errors, sum(throttled) as throttled,
          private.average(sum(duration_ms), sum(calls)) as average_ms
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
        select coalesce(jsonb_object_agg(k.kind, to_jsonb(k) - 'kind'), '{}')
        from (
          select kind, sum(runs) as runs, sum(retried) as retried, sum(given_up) as given_up,
            private.average(sum(duration_ms), sum(runs)) as average_ms
          from private.step_hours where hour >= v_since and hour <= v_now group by kind) k)),
    'user_activity', jsonb_build_object(
      'total', (select count(*) from public.users),
      'new_24h', (select count(*) from public.users where created_at >= v_yesterday),
      -- Every call of a signed-in user moves their limiter's clock.
      'active_24h', (
        select count(distinct user_id) from private.rate_limits where allowed_at >= v_yesterday),
      'channels', (select coalesce(jsonb_object_agg(state, n), '{}')
        from (select state, count(*) as n from public.channels group by state) s)));
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
  v_application jsonb;
  -- Measured anew when the minute's measurement is missing.
  v_measured jsonb := coalesce(
    (select value from private.measurements where name = 'deployment'
      and measured_at > clock_timestamp() - interval '5 minutes'),
    private.measure_deployment());
begin
  select jsonb_build_object(
    'requests_24h', coalesce(sum(requests), 0), 'errors', coalesce(sum(errors), 0),
    'error_rate', coalesce(sum(errors)::double precision / nullif(sum(requests), 0)::double precision, 0),
    'refused', coalesce(sum(refused), 0), 'slow', coalesce(sum(slow), 0),
    'uptime', v_measured -> 'uptime', 'operations', v_measured -> 'operations',
    'response_time', jsonb_build_object(
      'average', private.average(sum(duration_ms), sum(requests)), 'bounds_ms', private.latency_bounds(),
      -- One by one: to unnest the buckets and to group them costs three times as much.
      'histogram', jsonb_build_array(
        coalesce(sum(histogram[1]), 0), coalesce(sum(histogram[2]), 0), coalesce(sum(histogram[3]), 0),
        coalesce(sum(histogram[4]), 0), coalesce(sum(histogram[5]), 0), coalesce(sum(histogram[6]), 0),
        coalesce(sum(histogram[7]), 0), coalesce(sum(histogram[8]), 0), coalesce(sum(histogram[9]), 0),
        coalesce(sum(histogram[10]), 0), coalesce(sum(histogram[11]), 0), coalesce(sum(histogram[12]), 0),
        coalesce(sum(histogram[13]), 0), coalesce(sum(histogram[14]), 0), coalesce(sum(histogram[15]), 0),
        coalesce(sum(histogram[16]), 0), coalesce(sum(histogram[17]), 0), coalesce(sum(histogram[18]), 0),
        coalesce(sum(histogram[19]), 0), coalesce(sum(histogram[20]), 0))))
  into v_application
  from (
    select requests, errors, refused, slow, duration_ms, histogram from private.request_hours
    where operation = '' and hour >= v_first and hour < v_end
    union all
    select requests, errors, refused, slow, duration_ms, histogram from private.request_minutes
    where minute >= v_since and minute < v_first) part;

  return jsonb_build_object(
    'timestamp', v_now,
    'application', v_application,
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
          extract(epoch from max(clock_timestamp() - xact_start)
            filter (where pid <> pg_catalog.pg_backend_pid())) as oldest
        from pg_catalog.pg_stat_activity where backend_type = 'client backend') a,
        pg_catalog.pg_stat_database d
      where d.datname = current_database()),
    'api_usage', jsonb_build_object(
      'providers', v_measured -> 'providers',
      'youtube_quota', (
        select jsonb_agg(jsonb_build_object(
          'bucket', b.bucket, 'capacity', c.capacity, 'spent', coalesce(l.spent, 0),
          'reserved', coalesce(l.reserved, 0),
          'left', case when l.exhausted_at is not null then 0
            else greatest(0, c.capacity - coalesce(l.spent, 0) - coalesce(l.reserved, 0)) end) order by b.bucket)
        from unnest(array['uploads', 'search', 'batch_get_stats', 'units']) as b (bucket)
        cross join lateral (select private.quota_capacity(b.bucket)) c (capacity)
        left join private.quota_ledger l on l.bucket = b.bucket and l.quota_day = v_day),
      'youtube_quota_resets_at', private.quota_day_start(v_day + 1),
      'revid_credits_today', (
        select coalesce(sum(reserved + spent), 0) from private.render_budgets
        where day = (v_now at time zone 'UTC')::date))
      || (
        select jsonb_build_object('gemini_cost_micros', coalesce(sum(cost_micros), 0)::bigint,
          'gemini_reserved_micros', coalesce(sum(reserved_micros), 0)::bigint)
        from private.generation_spend where period = v_period),
    'user_activity', v_measured -> 'user_activity',
    'errors', jsonb_build_object(
      'recent', (
        select coalesce(jsonb_agg(to_jsonb(f) order by f.at desc), '[]')
        from (
          select at, request_id, operation, status, code, duration_ms from private.request_records
          where failed and at >= v_since and at < v_end order by at desc limit 20) f),
      'events', (
        select coalesce(jsonb_object_agg(severity, n), '{}')
        from (
          select severity, count(*) as n from public.system_logs
          where created_at >= v_yesterday and created_at < v_tomorrow and severity in ('warning', 'error', 'critical')
            group by severity) s)),
    'pipeline', jsonb_build_object(
      'dead', (select count(*) from private.steps where state = 'dead'),
      'oldest_due_seconds', (select extract(epoch from private.oldest_due())),
      'last_dispatch_at', (select beat_at from private.heartbeats where name = 'dispatch'),
      'last_verified_backup_at', private.last_verified_backup()) || (v_measured -> 'pipeline'),
    'incidents', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'kind', kind, 'subject', nullif(subject, ''), 'summary', summary, 'opened_at', opened_at) order by opened_at),
          '[]')
      from private.incidents where closed_at is null),
    'records_dropped', (select dropped from private.telemetry));
end
$$;
comment on function engine.admin_metrics() is
  'What an operator wants to know at a glance, over the last 24 hours; from rollups.';

-- What the measured routes read, made at once. Runs as the superuser of a database that is thrown away afterwards.

create schema bench;

-- A channel of a user.
create function bench.make_channel(p_user uuid, p_name text) returns uuid language plpgsql as $$
declare
  v_channel uuid;
begin
  insert into public.users (id) values (p_user) on conflict do nothing;
  insert into public.channels (youtube_channel_id, title, minimum_gap_minutes, last_synced_at, last_scored_at)
  values (p_name, p_name, 0, clock_timestamp(), clock_timestamp()) returning id into v_channel;
  insert into public.channel_members (channel_id, user_id, role) values (v_channel, p_user, 'owner');
  return v_channel;
end
$$;

-- From now on new rows of a table go into none of its indexes, and nobody looks there, until they are built anew by `reindex`:
-- that sorts ten million rows in a fraction of the time that it takes to find each one its place.
create function bench.leave_indexes(p_table regclass) returns void language sql as $$
  update pg_index set indisready = false, indisvalid = false where indrelid = p_table
$$;

-- Videos with scores, from one number to another. Triggers and foreign keys would check what is known to be right.
create function bench.fill_channel(p_channel uuid, p_first integer, p_last integer) returns void language plpgsql
set session_replication_role = replica as $$
begin
  with made as (
    insert into public.videos (
      channel_id, youtube_video_id, title, thumbnail_url, published_at, duration_seconds, format, privacy, views, likes, comments,
      counted_at)
    select p_channel, 'v' || n, 'What happened on day ' || n, 'https://i.ytimg.com/vi/v' || n || '/hqdefault.jpg',
      clock_timestamp() - n * interval '7 minutes', 60 + n % 900, case when n % 3 = 0 then 'short' else 'long' end, 'public',
      1000 + n % 90000, n % 4000, n % 300, clock_timestamp()
    from generate_series(p_first, p_last) n
    returning id, format, views
  )
  insert into public.performance_scores (
    video_id, channel_id, model_version, format, basis, epoch, label, n, score, multiplier, raw_multiplier, log_multiplier, z_total,
    confidence, confidence_level, inspiration_order, scored_at)
  select id, p_channel, 'cce-score/2', format, 'lifetime', 'E2',
    case when views % 20 = 0 then 'outlier' when views % 5 = 0 then 'above' when views % 7 = 0 then 'below' else 'typical' end, 20,
    views % 100, multiplier, multiplier, ln(multiplier), (views % 6000) / 1000::float8 - 3, 0.8, 'high', (views % 9000) / 1000::float8,
    clock_timestamp()
  from (select *, 1 + views % 30 / 10::float8 as multiplier from made) made;
end
$$;

-- Finished renders of a channel, to be scheduled.
create function bench.make_renders(p_channel uuid, p_user uuid, p_count integer) returns setof uuid language sql
set session_replication_role = replica as $$
  insert into public.renders (
    channel_id, content_hash, requested_by, state, provider_job_id, request, estimated_credits, estimate_basis, file_bytes, finished_at)
  select p_channel, 'bench', p_user, 'ready', gen_random_uuid(), '{}', 10, 'provider', 1500000, clock_timestamp()
  from generate_series(1, p_count)
  returning id
$$;

-- Requests of the last day, as the functions record them; so many failed that the metrics list as many of a thousand as of ten million.
create function bench.record_requests(p_count integer) returns void language sql
set session_replication_role = replica as $$
  insert into private.request_records (request_id, at, operation, status, duration_ms, slow, failed)
  select 'bench-' || n, now - n % 86000 * interval '1 second', 'videos.list', case when n % 50 = 0 then 500 else 200 end,
    n % 300, false, n % 50 = 0
  from (select private.now() as now offset 0) clock, generate_series(1, p_count) n
$$;

-- A second table of records, to change places with the one that the functions use.
create function bench.add_records(p_name text) returns void language plpgsql as $$
begin
  execute format('create schema %I', p_name);
  execute format('create table %I.request_records (like private.request_records including all)', p_name);
  execute format('alter table %I.request_records owner to postgres', p_name);
end
$$;
create schema bench_exchange;
create function bench.exchange_records(p_name text) returns void language plpgsql as $$
begin
  alter table private.request_records set schema bench_exchange;
  execute format('alter table %I.request_records set schema private', p_name);
  execute format('alter table bench_exchange.request_records set schema %I', p_name);
end
$$;

-- The rollups of as long a time as they are kept for, whatever number of requests they sum up.
create function bench.roll_up() returns void language sql as $$
  insert into private.request_minutes (minute, requests, errors, refused, slow, duration_ms, histogram)
  select date_trunc('minute', private.now()) - n * interval '1 minute', 700, 1, 20, 1, 70000, array_fill(35, array[20])
  from generate_series(1, 2880) n
  on conflict do nothing;
  insert into private.request_hours (operation, hour, requests, errors, refused, slow, duration_ms, histogram)
  select case o when 0 then '' else 'bench.operation.' || o end, date_trunc('hour', private.now()) - n * interval '1 hour', 42000, 60, 1200, 60,
    4200000, array_fill(2100, array[20])
  from generate_series(1, 720) n, generate_series(0, 30) o
  on conflict do nothing;
$$;

-- What pg_cron measures once a minute, which few deployments are younger than.
insert into private.measurements (name, value) values ('deployment', private.measure_deployment()) on conflict do nothing;

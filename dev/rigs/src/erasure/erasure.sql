-- What is erased, made at once. Runs as the superuser of a database that is thrown away afterwards.

create schema erasure_rig;

-- Videos with snapshots and scores, from one number to another. Triggers and foreign keys would check what is known to be right.
create function erasure_rig.fill_videos(p_channel uuid, p_first integer, p_last integer, p_snapshots integer) returns void
language sql set session_replication_role = replica as $$
  with made as (
    insert into public.videos (channel_id, youtube_video_id, title, published_at, format, privacy, views, counted_at)
    select p_channel, 'v' || n, 'What happened on day ' || n, clock_timestamp() - n * interval '7 minutes', 'long', 'public', n, clock_timestamp()
    from generate_series(p_first, p_last) n
    returning id
  ), observed as (
    insert into public.video_snapshots (video_id, channel_id, basis, observed_at, age_hours, views)
    select id, p_channel, 'public_views', clock_timestamp() - n * interval '1 hour', n, n from made, generate_series(1, p_snapshots) n
  )
  insert into public.performance_scores (video_id, channel_id, model_version, format, basis, epoch, label, withheld, n, scored_at)
  select id, p_channel, 'cce-score/2', 'long', 'lifetime', 'E2', 'insufficient_data', 'too_few', 0, clock_timestamp() from made
$$;

-- Lines of the log that name the channel, and half as many of its owner's that do not.
create function erasure_rig.fill_log(p_channel uuid, p_user uuid, p_lines integer) returns void language sql as $$
  insert into public.system_logs (event_type, severity, source, message, details, user_id)
  select 'channel.synced', 'info', 'sync', 'A channel was synchronised.',
    jsonb_build_object('channel_id', case when n <= p_lines then p_channel else gen_random_uuid() end, 'videos', n), p_user
  from generate_series(1, p_lines + p_lines / 2) n
$$;

-- Rows of any table that still name a channel or a user.
create function erasure_rig.rows_of(p_id uuid) returns bigint language plpgsql as $$
declare
  v_column record;
  v_rows bigint;
  v_all bigint := 0;
begin
  for v_column in
    select format('%I.%I', c.table_schema, c.table_name) as relation, c.column_name as name
    from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
    where c.table_schema in ('public', 'private', 'auth') and c.udt_name = 'uuid' and t.table_type = 'BASE TABLE'
  loop
    execute format('select count(*) from %s where %I = $1', v_column.relation, v_column.name) into v_rows using p_id;
    v_all := v_all + v_rows;
  end loop;
  select count(*) into v_rows from public.system_logs l, jsonb_each_text(l.details) d where d.value = p_id::text;
  return v_all + v_rows;
end
$$;

-- What a synchronisation does next.

create function private.next_checkpoint(p_published timestamptz, p_now timestamptz) returns timestamptz
language sql immutable set search_path = '' as $$
  -- The ages of the scoring model and one or two between: a value is read off two snapshots of which the later is at
  -- most twice as old as the earlier.
  select min(p_published + make_interval(mins => age))
  from unnest(array[45, 60, 90, 120, 180, 270, 360, 540, 720, 1080, 1440, 2160, 2880, 3600, 4320, 5760, 7200, 10080,
    14400, 20160, 28800, 40320, 60000, 90000, 129600, 132480]) as age
  where p_published + make_interval(mins => age) > p_now
$$;

create function private.look_at(p_video public.videos) returns timestamptz
language sql immutable set search_path = '' as $$
  select case
    when p_video.privacy is distinct from 'private' or p_video.gone_at is not null then null
    when p_video.counted_at >= p_video.publish_at then p_video.counted_at + interval '15 minutes'
    else p_video.publish_at + interval '30 seconds' end
$$;
comment on function private.look_at(public.videos) is
  'When a private video that YouTube makes public by itself is looked at: half a minute after its time, then every '
  'quarter of an hour.';

create function private.comes_out(p_video public.videos, p_now timestamptz) returns boolean
language sql immutable set search_path = '' as $$
  select coalesce(private.look_at(p_video) <= p_now and p_video.publish_at > p_now - interval '1 day', false)
$$;

create function private.came_out(p_video public.videos, p_privacy text, p_now timestamptz) returns timestamptz
language sql immutable set search_path = '' as $$
  select p_video.publish_at
  where p_video.privacy = 'private' and p_privacy = 'public' and p_video.publish_at <= p_now
$$;
comment on function private.came_out(public.videos, text, timestamptz) is
  'When a video that was private when it was last seen became public, if YouTube did that by itself.';

create function private.expect_video(p_channel uuid, p_youtube_video_id text, p_title text, p_publish_at timestamptz)
returns void
language plpgsql set search_path = '' as $$
begin
  insert into public.videos as v (channel_id, youtube_video_id, title, privacy, publish_at)
  values (p_channel, p_youtube_video_id, p_title, 'private', p_publish_at)
  on conflict on constraint videos_channel_id_youtube_video_id_key do update
  set publish_at = excluded.publish_at, counted_at = null where v.privacy = 'private';
  perform private.enqueue_step('sync', 'channel.sync', p_channel, p_channel);
end
$$;
comment on function private.expect_video(uuid, text, text, timestamptz) is
  'Has a video of ours read that has become public, so that its first hours are counted.';

create function private.sync_job(p_channel uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'phase', s.phase, 'kind', s.kind, 'pass', s.pass, 'page_token', s.page_token, 'data_through', s.data_through,
    'youtube_channel_id', c.youtube_channel_id, 'uploads_playlist_id', c.uploads_playlist_id, 'features', c.features,
    'next_in_seconds', greatest(1, ceil(extract(epoch from least(
      (select min(v.next_checkpoint_at) from public.videos v where v.channel_id = c.id
        and v.next_checkpoint_at is not null),
      (select min(private.look_at(v)) from public.videos v where v.channel_id = c.id
        and v.privacy = 'private' and v.gone_at is null and v.publish_at > private.now() - interval '1 day'),
      case when s.full_at is null then private.now() end,
      s.refresh_at + interval '24 hours', s.full_at + interval '7 days') - private.now())))::bigint)
  from public.channels c join private.channel_syncs s on s.channel_id = c.id
  where c.id = p_channel
$$;

create function private.sync_subject(p_step uuid, p_fence bigint) returns uuid
language plpgsql set search_path = '' as $$
begin
  perform private.assert_claim(p_step, p_fence);
  return (select subject_id from private.steps where id = p_step);
end
$$;

create function engine.begin_sync(p_step uuid, p_fence bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid := private.sync_subject(p_step, p_fence);
  v_channel public.channels;
  v_sync private.channel_syncs;
  v_now timestamptz := private.now();
  v_kind text;
begin
  select * into v_channel from public.channels where id = v_id for no key update;
  if v_channel.id is null or v_channel.state <> 'connected' then
    return jsonb_build_object('phase', 'stopped', 'reason', coalesce(v_channel.state_reason, 'erasing'));
  elsif not coalesce((v_channel.features ->> 'read')::boolean, false) then
    return jsonb_build_object('phase', 'stopped', 'reason', 'feature_unavailable');
  end if;
  insert into private.channel_syncs (channel_id) values (v_id) on conflict on constraint channel_syncs_pkey do nothing;
  select * into v_sync from private.channel_syncs where channel_id = v_id for no key update;
  if v_sync.phase = 'idle' then
    v_kind := case
      when v_sync.full_at is null or v_sync.full_at <= v_now - interval '7 days' then 'full'
      when v_sync.requested_at is not null or v_sync.refresh_at <= v_now - interval '24 hours' then 'refresh'
      when exists (select from public.videos where channel_id = v_id and next_checkpoint_at <= v_now)
        or exists (select from public.videos v where v.channel_id = v_id and v.publish_at <= v_now
          and private.comes_out(v, v_now)) then 'checkpoints'
    end;
    if v_kind is null then
      return private.sync_job(v_id);
    end if;
    update private.channel_syncs
    set kind = v_kind, phase = case v_kind when 'checkpoints' then 'verify' else 'identity' end,
        pass = pass + 1, page_token = null, pass_started_at = v_now, requested_at = null
    where channel_id = v_id;
    if v_kind <> 'checkpoints' then
      update public.channels
      set sync = jsonb_build_object(
        'state', 'running', 'phase', 'identity', 'videos_found', coalesce(sync -> 'videos_found', '0'),
        'videos_synced', case v_kind when 'full' then '0'::jsonb else coalesce(sync -> 'videos_synced', '0') end,
        'started_at', v_now, 'formats_unknown', coalesce(sync -> 'formats_unknown', '0'),
        'formats_reason', sync -> 'formats_reason')
      where id = v_id;
    end if;
  elsif v_sync.kind <> 'checkpoints' then
    update public.channels
    set sync = (sync - 'reason' - 'retry_at') || jsonb_build_object('state', 'running', 'phase', v_sync.phase)
    where id = v_id;
  end if;
  return private.sync_job(v_id);
end
$$;
comment on function engine.begin_sync(uuid, bigint) is
  'What the synchronisation of a channel does next: goes on with the pass that was interrupted, or starts the one '
  'that is due. A full pass reads the whole catalogue (weekly, as old uploads that were published late sit deep in '
  'the list), a refresh its head, the videos that were not public and all counters (daily or on request), checkpoints '
  'the videos whose time to become public has come and the counters of those that reached an age of the model.';

create function engine.sync_batch(p_step uuid, p_fence bigint, p_limit integer) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid := private.sync_subject(p_step, p_fence);
  v_sync private.channel_syncs;
  v_now timestamptz := private.now();
begin
  select * into v_sync from private.channel_syncs where channel_id = v_id;
  return coalesce((
    select jsonb_agg(jsonb_build_object(
      'id', b.id, 'youtube_video_id', b.youtube_video_id, 'published_at', b.published_at))
    from (
      select v.id, v.youtube_video_id, v.published_at
      from public.videos v
      where v.channel_id = v_id and v.gone_at is null and case v_sync.phase
        when 'verify' then case v_sync.kind
          when 'full' then v.sync_pass < v_sync.pass
          when 'refresh' then coalesce(v.counted_at < v_sync.pass_started_at, true) and v.id in (
            select n.id from public.videos n
            where n.channel_id = v_id and n.gone_at is null and n.privacy = 'private'
            order by n.created_at desc, n.id limit 500)
          else private.comes_out(v, v_now) end
        when 'counters' then coalesce(v.counted_at < v_sync.pass_started_at, true)
          and (v_sync.kind = 'refresh' or v.next_checkpoint_at <= v_now)
        when 'formats' then v.format is null and v.published_at is not null and v.privacy is distinct from 'private'
          and (v.format_checked_at is null
            or (v.format_checked_at < v_sync.pass_started_at
              and (v_sync.kind = 'full' or v.published_at > v_now - interval '30 days')))
        when 'curves' then (v.analytics_at is null
            or (v.analytics_at < v_sync.pass_started_at and v.published_at > v_now - interval '100 days'))
          and v.id in (
            select n.id from public.videos n
            where n.channel_id = v_id and n.gone_at is null and n.published_at is not null
              and n.privacy is distinct from 'private'
            order by n.published_at desc limit 200)
        else false end
      order by v.published_at desc nulls last, v.id
      limit p_limit) b), '[]');
end
$$;
comment on function engine.sync_batch(uuid, bigint, integer) is
  'The videos that the running phase has still to do. What is done says so itself, so a phase that was interrupted '
  'goes on where it stopped.';

create function private.judge_formats(p_channel uuid) returns void
language plpgsql set search_path = '' as $$
begin
  update private.channel_syncs s
  set formats_unknown = n.unknown, formats_reason = case
    -- Without the permission nobody was asked; the channel says that already.
    when n.unknown = 0 or not coalesce((c.features ->> 'analytics')::boolean, false) then null
    -- An allowance that is spent for today says nothing of tomorrow.
    when s.formats_refused_at >= s.pass_started_at
      then case when s.formats_refusal <> 'quota_exhausted' then 'refused' end
    when n.unknown >= 10 and n.unknown > n.known then 'not_told' end
  from (
    -- Analytics is two to three days late, and knows nothing of what hardly anybody watched.
    select count(*) filter (where format is null) as unknown, count(format) as known
    from public.videos
    where channel_id = p_channel and gone_at is null and privacy is distinct from 'private' and views >= 100
      and published_at < private.now() - interval '7 days') n, public.channels c
  where s.channel_id = p_channel and c.id = p_channel;
end
$$;
comment on function private.judge_formats(uuid) is
  'Says after a pass whether formats stay unknown, without which no video is scored, and why.';

create function private.advance_sync(p_channel uuid, p_phase text) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_sync private.channel_syncs;
  v_now timestamptz := private.now();
  v_next text;
begin
  select * into v_sync from private.channel_syncs where channel_id = p_channel for no key update;
  if v_sync.phase is distinct from p_phase then
    return private.sync_job(p_channel);
  end if;
  v_next := case v_sync.kind || '.' || p_phase
    when 'full.identity' then 'catalogue'
    when 'full.catalogue' then 'verify'
    when 'full.verify' then 'formats'
    when 'full.formats' then 'curves'
    when 'refresh.identity' then 'catalogue'
    when 'refresh.catalogue' then 'verify'
    when 'refresh.verify' then 'counters'
    when 'refresh.counters' then 'formats'
    when 'refresh.formats' then 'curves'
    when 'checkpoints.verify' then 'counters'
    else 'idle' end;
  if p_phase = 'formats' then
    perform private.judge_formats(p_channel);
  end if;
  update private.channel_syncs
  set phase = v_next, page_token = null,
      full_at = case when v_next = 'idle' and kind = 'full' then v_now else full_at end,
      refresh_at = case when v_next = 'idle' and kind <> 'checkpoints' then v_now else refresh_at end
  where channel_id = p_channel;
  if v_next = 'idle' then
    -- Before the channel's row: scoring holds its step first, too.
    perform private.enqueue_step('score', 'channel.score', p_channel, p_channel);
    if v_sync.kind <> 'checkpoints' then
      update public.channels
      set last_synced_at = v_now, sync = jsonb_build_object(
        'state', 'idle', 'videos_found', n.found, 'videos_synced', n.found,
        'started_at', sync -> 'started_at', 'finished_at', v_now,
        'data_through', s.data_through, 'formats_unknown', s.formats_unknown, 'formats_reason', s.formats_reason)
      from private.channel_syncs s,
        (select count(*) as found from public.videos where channel_id = p_channel and gone_at is null) n
      where id = p_channel and s.channel_id = p_channel;
    end if;
  elsif v_sync.kind <> 'checkpoints' then
    update public.channels set sync = sync || jsonb_build_object('phase', v_next) where id = p_channel;
  end if;
  return private.sync_job(p_channel);
end
$$;

create function engine.advance_sync(p_step uuid, p_fence bigint, p_phase text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  return private.advance_sync(private.sync_subject(p_step, p_fence), p_phase);
end
$$;
comment on function engine.advance_sync(uuid, bigint, text) is
  'Ends a phase of the running pass. The last one ends the pass and has the channel scored.';

create function engine.pause_sync(p_step uuid, p_fence bigint, p_reason text, p_retry_seconds double precision)
returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid := private.sync_subject(p_step, p_fence);
begin
  update public.channels
  set sync = sync || jsonb_build_object('state', 'waiting', 'reason', p_reason,
    'retry_at', private.now() + make_interval(secs => p_retry_seconds))
  where id = v_id and sync ->> 'state' = 'running';
end
$$;
comment on function engine.pause_sync(uuid, bigint, text, double precision) is
  'Tells the user what the synchronisation waits for, and until when.';

create function private.on_dead_channel_sync(p_subject uuid, p_error jsonb) returns void
language plpgsql set search_path = '' as $$
begin
  update public.channels
  set sync = (sync - 'retry_at')
      || jsonb_build_object('state', 'failed', 'reason', coalesce(p_error ->> 'code', 'failed'))
  where id = p_subject;
  perform private.log_event('channel.sync_failed', 'error', 'channels',
    'The channel could not be synchronised. It is tried again in six hours, or at once when you ask for it.',
    jsonb_build_object('channel_id', p_subject, 'code', p_error ->> 'code'), m.user_id)
  from public.channel_members m where m.channel_id = p_subject and m.role = 'owner';
  if exists (select from public.channels where id = p_subject and state = 'connected') then
    perform private.enqueue_step('sync', 'channel.sync', p_subject, p_subject, interval '6 hours');
  end if;
end
$$;

-- What YouTube knows about a channel's videos, and how each video did against its own channel at the same age.

-- Catalogue and time series ------------------------------------------------------------------------------------------

create table public.videos (
  id uuid not null default gen_random_uuid(),
  channel_id uuid not null,
  youtube_video_id text not null,
  title text not null,
  description text,
  tags text[] not null default '{}',
  category_id text,
  language text,
  thumbnail_url text,
  published_at timestamptz,
  duration_seconds integer,
  format text,
  privacy text,
  upload_status text,
  publish_at timestamptz,
  broadcast text,
  made_for_kids boolean,
  contains_synthetic_media boolean,
  views bigint,
  likes bigint,
  comments bigint,
  average_view_percentage double precision,
  counted_at timestamptz,
  format_checked_at timestamptz,
  analytics_at timestamptz,
  next_checkpoint_at timestamptz,
  sync_pass bigint not null default 0,
  gone_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint videos_pkey primary key (id),
  constraint videos_channel_id_youtube_video_id_key unique (channel_id, youtube_video_id),
  constraint videos_channel_id_fkey foreign key (channel_id) references public.channels (id) on delete cascade,
  constraint videos_format_check check (format in ('short', 'long', 'live')),
  constraint videos_duration_seconds_check check (duration_seconds >= 0),
  constraint videos_views_check check (views >= 0),
  constraint videos_likes_check check (likes >= 0),
  constraint videos_comments_check check (comments >= 0)
);
comment on table public.videos is 'Videos of connected channels as YouTube reports them, ours or not, with their newest public counters.';
comment on column public.videos.published_at is 'When it became public; null while it never was.';
comment on column public.videos.format is
  'From Analytics'' creatorContentType, never from the duration: no length tells a short from a film. Null until known; then there is no score.';
comment on column public.videos.views is 'Public counter at counted_at; null when YouTube hides it. Likes and comments likewise.';
comment on column public.videos.average_view_percentage is 'Average percentage viewed over the whole life, from Analytics; can exceed 100.';
comment on column public.videos.counted_at is 'When the counters were read.';
comment on column public.videos.format_checked_at is 'When Analytics was last asked for the format.';
comment on column public.videos.analytics_at is 'When the daily curve was last read.';
comment on column public.videos.next_checkpoint_at is 'When the video reaches the next age at which the scoring model looks; null after the last.';
comment on column public.videos.sync_pass is 'The newest pass over the catalogue that met this video; one that a whole pass did not meet may be gone.';
comment on column public.videos.gone_at is 'When it was found to be no longer on YouTube.';
create index videos_channel_id_published_at_idx on public.videos (channel_id, published_at desc);
-- The orders of the lists: a page costs the same whatever stands behind it.
create index videos_channel_id_published_key_idx on public.videos (channel_id, (coalesce(published_at, 'epoch')) desc, id desc)
  where gone_at is null;
create index videos_channel_id_id_idx on public.videos (channel_id, id desc);
create index videos_channel_id_next_checkpoint_at_idx on public.videos (channel_id, next_checkpoint_at) where next_checkpoint_at is not null;
create trigger videos_touch before update on public.videos for each row execute function private.touch_updated_at();
alter table public.videos enable row level security;
grant select on public.videos to authenticated;
create policy "members see the videos of their channels" on public.videos
  for select to authenticated using (channel_id in (select private.my_channels()));

create table public.video_snapshots (
  video_id uuid not null,
  channel_id uuid not null,
  basis text not null,
  observed_at timestamptz not null,
  age_hours double precision not null,
  epoch smallint,
  views bigint not null,
  likes bigint,
  comments bigint,
  average_view_percentage double precision,
  read_at timestamptz not null default private.now(),
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint video_snapshots_pkey primary key (video_id, basis, observed_at),
  constraint video_snapshots_video_id_fkey foreign key (video_id) references public.videos (id) on delete cascade,
  constraint video_snapshots_channel_id_fkey foreign key (channel_id) references public.channels (id) on delete cascade,
  constraint video_snapshots_basis_check check (basis in ('public_views', 'engaged_views')),
  constraint video_snapshots_age_hours_check check (age_hours >= 0),
  constraint video_snapshots_views_check check (views >= 0)
);
comment on table public.video_snapshots is
  'Counters of one video at one moment since its publication, cumulative. Numbers of different basis or epoch are never compared.';
comment on column public.video_snapshots.basis is
  'public_views: the counter on the page. engaged_views: Analytics'' engagedViews, rebuilt from daily curves, whose meaning never changed.';
comment on column public.video_snapshots.age_hours is 'Hours between publication and observation.';
comment on column public.video_snapshots.read_at is 'When YouTube last told it; a curve tells the same day again and again.';
comment on column public.video_snapshots.epoch is
  'How public views were counted from publication to observation: 0 the old way, 1 Shorts since 2025-03-31, 2 every format since '
  '2026-08-24. Null when the counting changed in between: such a number is shown but compared with nothing. Always 0 for engaged_views.';
create index video_snapshots_channel_id_idx on public.video_snapshots (channel_id, observed_at desc);
create trigger video_snapshots_touch before update on public.video_snapshots for each row execute function private.touch_updated_at();
alter table public.video_snapshots enable row level security;
grant select on public.video_snapshots to authenticated;
create policy "members see the snapshots of their channels" on public.video_snapshots
  for select to authenticated using (channel_id in (select private.my_channels()));

create index video_snapshots_observed_at_idx on public.video_snapshots using brin (observed_at);

create function private.thin_snapshots(p_weeks integer default 3) returns bigint
language plpgsql set search_path = '' as $$
declare
  v_until timestamptz := date_trunc('week', private.now(), 'UTC');
  v_deleted bigint;
begin
  delete from public.video_snapshots s
  where s.age_hours > 4320 and s.observed_at >= v_until - make_interval(weeks => p_weeks) and s.observed_at < v_until
    and exists (
      select from public.video_snapshots later
      where later.video_id = s.video_id and later.basis = s.basis and later.observed_at > s.observed_at
        and later.observed_at < date_trunc('week', s.observed_at, 'UTC') + interval '1 week');
  get diagnostics v_deleted = row_count;
  return v_deleted;
end
$$;
comment on function private.thin_snapshots(integer) is
  'Of what was observed of a video past the age that scoring reads (180 days), keeps the last of each week: Mondays at 0:00 UTC begin one. '
  'Looks at the whole weeks just past, so that a missed night is made up for.';
select cron.schedule('thin-snapshots', '5 3 * * *', 'select private.thin_snapshots()');

-- Synchronisation ----------------------------------------------------------------------------------------------------

create function private.view_epoch(p_format text, p_from timestamptz, p_to timestamptz) returns smallint
language sql immutable set search_path = '' as $$
  select case
    when p_from >= '2026-08-28' then 2
    when p_to >= '2026-08-24' then null
    when p_to < '2025-03-31' then 0
    when p_format in ('long', 'live') then 0
    when p_format = 'short' and p_from >= '2025-03-31' then 1
  end::smallint
$$;
comment on function private.view_epoch(text, timestamptz, timestamptz) is
  'How public views between two instants were counted; null when it changed in between or cannot be told. The days from 24 to 27 '
  'August 2026, in which the change reached one video after another, belong to no epoch.';

create function private.next_checkpoint(p_published timestamptz, p_now timestamptz) returns timestamptz
language sql immutable set search_path = '' as $$
  -- The ages of the scoring model and one or two between: a value is read off two snapshots of which the later is at
  -- most twice as old as the earlier.
  select min(p_published + make_interval(mins => age))
  from unnest(array[45, 60, 90, 120, 180, 270, 360, 540, 720, 1080, 1440, 2160, 2880, 3600, 4320, 5760, 7200, 10080, 14400, 20160,
    28800, 40320, 60000, 90000, 129600, 132480]) as age
  where p_published + make_interval(mins => age) > p_now
$$;

create function private.sync_job(p_channel uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'phase', s.phase, 'kind', s.kind, 'pass', s.pass, 'page_token', s.page_token, 'data_through', s.data_through,
    'youtube_channel_id', c.youtube_channel_id, 'uploads_playlist_id', c.uploads_playlist_id, 'features', c.features,
    'next_in_seconds', greatest(1, ceil(extract(epoch from least(
      (select min(v.next_checkpoint_at) from public.videos v where v.channel_id = c.id and v.next_checkpoint_at is not null),
      s.refresh_at + interval '24 hours', s.full_at + interval '7 days') - private.now())))::bigint)
  from public.channels c join private.channel_syncs s on s.channel_id = c.id
  where c.id = p_channel
$$;

create function private.sync_subject(p_step uuid, p_fence bigint) returns uuid
language plpgsql set search_path = '' as $$
begin
  perform private.hold_step(p_step, p_fence);
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
      when exists (select from public.videos where channel_id = v_id and next_checkpoint_at <= v_now) then 'checkpoints'
    end;
    if v_kind is null then
      return private.sync_job(v_id);
    end if;
    update private.channel_syncs
    set kind = v_kind, phase = case v_kind when 'checkpoints' then 'counters' else 'identity' end,
        pass = pass + 1, page_token = null, pass_started_at = v_now, requested_at = null
    where channel_id = v_id;
    if v_kind <> 'checkpoints' then
      update public.channels
      set sync = jsonb_build_object(
        'state', 'running', 'phase', 'identity', 'videos_found', coalesce(sync -> 'videos_found', '0'),
        'videos_synced', case v_kind when 'full' then '0'::jsonb else coalesce(sync -> 'videos_synced', '0') end, 'started_at', v_now)
      where id = v_id;
    end if;
  elsif v_sync.kind <> 'checkpoints' then
    update public.channels
    set sync = (sync - 'reason' - 'retry_at') || jsonb_build_object('state', 'running', 'phase', v_sync.phase) where id = v_id;
  end if;
  return private.sync_job(v_id);
end
$$;
comment on function engine.begin_sync(uuid, bigint) is
  'What the synchronisation of a channel does next: goes on with the pass that was interrupted, or starts the one that is due. A full '
  'pass reads the whole catalogue (weekly, as old uploads that were published late sit deep in the list), a refresh its head and all '
  'counters (daily or on request), checkpoints the counters of videos that reached an age at which the model looks.';

create function engine.sync_batch(p_step uuid, p_fence bigint, p_limit integer default null) returns jsonb
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
        when 'verify' then v.sync_pass < v_sync.pass
        when 'counters' then coalesce(v.counted_at < v_sync.pass_started_at, true)
          and (v_sync.kind = 'refresh' or v.next_checkpoint_at <= v_now)
        when 'formats' then v.format is null and v.published_at is not null and v.privacy is distinct from 'private'
          and (v.format_checked_at is null
            or (v.format_checked_at < v_sync.pass_started_at and (v_sync.kind = 'full' or v.published_at > v_now - interval '30 days')))
        when 'curves' then (v.analytics_at is null
            or (v.analytics_at < v_sync.pass_started_at and v.published_at > v_now - interval '100 days'))
          and v.id in (
            select n.id from public.videos n
            where n.channel_id = v_id and n.gone_at is null and n.published_at is not null and n.privacy is distinct from 'private'
            order by n.published_at desc limit 200)
        else false end
      order by v.published_at desc nulls last, v.id
      limit p_limit) b), '[]');
end
$$;
comment on function engine.sync_batch(uuid, bigint, integer) is
  'The videos that the running phase has still to do. What is done says so itself, so a phase that was interrupted goes on where it stopped.';

create function engine.save_identity(p_step uuid, p_fence bigint, p_channel jsonb default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid := private.sync_subject(p_step, p_fence);
begin
  update public.channels
  set title = p_channel ->> 'title', handle = p_channel ->> 'handle', thumbnail_url = p_channel ->> 'thumbnail_url',
      uploads_playlist_id = p_channel ->> 'uploads_playlist_id', subscriber_count = (p_channel ->> 'subscriber_count')::bigint
  where id = v_id;
  return private.advance_sync(v_id, 'identity');
end
$$;

create function engine.save_videos(
  p_step uuid, p_fence bigint, p_videos jsonb default null, p_gone text[] default null, p_page_token text default null, p_found bigint default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid := private.sync_subject(p_step, p_fence);
  v_sync private.channel_syncs;
  v_now timestamptz := private.now();
  v_new integer;
begin
  select * into v_sync from private.channel_syncs where channel_id = v_id for no key update;
  with written as (
    insert into public.videos as v (
      channel_id, youtube_video_id, title, description, tags, category_id, language, thumbnail_url, published_at, duration_seconds,
      privacy, upload_status, publish_at, broadcast, made_for_kids, contains_synthetic_media, views, likes, comments, counted_at,
      next_checkpoint_at, sync_pass)
    select v_id, r.youtube_video_id, r.title, r.description, coalesce(r.tags, '{}'), r.category_id, r.language, r.thumbnail_url,
      r.published_at, r.duration_seconds, r.privacy, r.upload_status, r.publish_at, r.broadcast, r.made_for_kids,
      r.contains_synthetic_media, r.views, r.likes, r.comments, v_now, private.next_checkpoint(r.published_at, v_now), v_sync.pass
    from jsonb_to_recordset(p_videos) as r(
      youtube_video_id text, title text, description text, tags text[], category_id text, language text, thumbnail_url text,
      published_at timestamptz, duration_seconds integer, privacy text, upload_status text, publish_at timestamptz, broadcast text,
      made_for_kids boolean, contains_synthetic_media boolean, views bigint, likes bigint, comments bigint)
    on conflict on constraint videos_channel_id_youtube_video_id_key do update
    set title = excluded.title, description = excluded.description, tags = excluded.tags, category_id = excluded.category_id,
        language = excluded.language, thumbnail_url = excluded.thumbnail_url,
        published_at = coalesce(excluded.published_at, v.published_at),
        duration_seconds = excluded.duration_seconds, privacy = excluded.privacy, upload_status = excluded.upload_status,
        publish_at = excluded.publish_at, broadcast = excluded.broadcast, made_for_kids = excluded.made_for_kids,
        contains_synthetic_media = excluded.contains_synthetic_media, views = excluded.views, likes = excluded.likes,
        comments = excluded.comments, counted_at = excluded.counted_at, next_checkpoint_at = excluded.next_checkpoint_at,
        sync_pass = excluded.sync_pass, gone_at = null
    returning v.*, (xmax = 0) as is_new
  ), snapshots as (
    insert into public.video_snapshots (video_id, channel_id, basis, observed_at, age_hours, epoch, views, likes, comments)
    select w.id, v_id, 'public_views', v_now, extract(epoch from v_now - w.published_at) / 3600,
      private.view_epoch(w.format, w.published_at, v_now), w.views, w.likes, w.comments
    from written w
    where w.views is not null and w.published_at <= v_now and w.privacy is distinct from 'private'
    on conflict on constraint video_snapshots_pkey do nothing
  )
  select count(*) filter (where is_new) into v_new from written;
  update public.videos set gone_at = v_now, next_checkpoint_at = null, sync_pass = v_sync.pass
  where channel_id = v_id and youtube_video_id = any (p_gone);
  if v_sync.phase = 'catalogue' then
    update private.channel_syncs set page_token = p_page_token where channel_id = v_id;
    update public.channels
    set sync = sync || jsonb_build_object(
      'videos_found', greatest(coalesce(p_found, 0), (sync ->> 'videos_found')::bigint),
      'videos_synced', case v_sync.kind
        when 'full' then (select count(*) from public.videos where channel_id = v_id and sync_pass = v_sync.pass)
        else (select count(*) from public.videos where channel_id = v_id and gone_at is null) end)
    where id = v_id;
  end if;
  return jsonb_build_object('new', v_new);
end
$$;
comment on function engine.save_videos(uuid, bigint, jsonb, text[], text, bigint) is
  'Stores a batch of resources with a snapshot each, marks what is gone, and remembers the page that comes next, all or nothing.';

create function engine.save_counters(p_step uuid, p_fence bigint, p_asked text[] default null, p_counters jsonb default null) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid := private.sync_subject(p_step, p_fence);
  v_now timestamptz := private.now();
begin
  with read as (
    select * from jsonb_to_recordset(p_counters) as r(youtube_video_id text, views bigint, likes bigint, comments bigint)
  ), written as (
    update public.videos v
    set views = coalesce(r.views, v.views), likes = coalesce(r.likes, v.likes), comments = coalesce(r.comments, v.comments)
    from read r
    where v.channel_id = v_id and v.youtube_video_id = r.youtube_video_id
    returning v.id, v.format, v.published_at, v.privacy, r.views, r.likes, r.comments
  )
  insert into public.video_snapshots (video_id, channel_id, basis, observed_at, age_hours, epoch, views, likes, comments)
  select w.id, v_id, 'public_views', v_now, extract(epoch from v_now - w.published_at) / 3600,
    private.view_epoch(w.format, w.published_at, v_now), w.views, w.likes, w.comments
  from written w
  where w.views is not null and w.published_at <= v_now and w.privacy is distinct from 'private'
  on conflict on constraint video_snapshots_pkey do nothing;
  -- The answer may leave videos out without their being gone: they were asked for, and their turn comes again.
  update public.videos set counted_at = v_now, next_checkpoint_at = private.next_checkpoint(published_at, v_now)
  where channel_id = v_id and youtube_video_id = any (p_asked);
end
$$;

create function engine.save_formats(p_step uuid, p_fence bigint, p_asked text[] default null, p_formats jsonb default null) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid := private.sync_subject(p_step, p_fence);
begin
  update public.videos
  set format = coalesce(p_formats ->> youtube_video_id, format), format_checked_at = private.now()
  where channel_id = v_id and youtube_video_id = any (p_asked);
end
$$;

create function engine.save_curves(p_step uuid, p_fence bigint, p_data_through date default null, p_curves jsonb default null) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid := private.sync_subject(p_step, p_fence);
begin
  update private.channel_syncs set data_through = coalesce(p_data_through, data_through) where channel_id = v_id;
  update public.videos v
  set analytics_at = private.now(), average_view_percentage = coalesce(r.average_view_percentage, v.average_view_percentage)
  from jsonb_to_recordset(p_curves) as r(video_id uuid, average_view_percentage double precision)
  where v.id = r.video_id and v.channel_id = v_id;
  insert into public.video_snapshots as s
    (video_id, channel_id, basis, observed_at, age_hours, epoch, views, likes, comments, average_view_percentage)
  select v.id, v_id, p.basis, p.observed_at, extract(epoch from p.observed_at - v.published_at) / 3600,
    case p.basis when 'engaged_views' then 0 else private.view_epoch(v.format, v.published_at, p.observed_at) end,
    p.views, p.likes, p.comments, p.average_view_percentage
  from jsonb_to_recordset(p_curves) as r(video_id uuid, snapshots jsonb)
  join public.videos v on v.id = r.video_id and v.channel_id = v_id,
  lateral jsonb_to_recordset(r.snapshots) as p(
    basis text, observed_at timestamptz, views bigint, likes bigint, comments bigint, average_view_percentage double precision)
  where p.observed_at > v.published_at
  -- YouTube corrects days after the fact: the newest reading counts.
  on conflict on constraint video_snapshots_pkey do update
  set views = excluded.views, likes = excluded.likes, comments = excluded.comments,
      average_view_percentage = excluded.average_view_percentage, read_at = excluded.read_at;
end
$$;
comment on function engine.save_curves(uuid, bigint, date, jsonb) is
  'Stores cumulative points of daily curves as snapshots. Engaged views never changed their meaning, so they have one epoch.';

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
    when 'refresh.catalogue' then 'counters'
    when 'refresh.counters' then 'formats'
    when 'refresh.formats' then 'curves'
    else 'idle' end;
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
        'state', 'idle', 'videos_found', n.found, 'videos_synced', n.found, 'started_at', sync -> 'started_at', 'finished_at', v_now,
        'data_through', (select data_through from private.channel_syncs where channel_id = p_channel))
      from (select count(*) as found from public.videos where channel_id = p_channel and gone_at is null) n
      where id = p_channel;
    end if;
  elsif v_sync.kind <> 'checkpoints' then
    update public.channels set sync = sync || jsonb_build_object('phase', v_next) where id = p_channel;
  end if;
  return private.sync_job(p_channel);
end
$$;

create function engine.advance_sync(p_step uuid, p_fence bigint, p_phase text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  return private.advance_sync(private.sync_subject(p_step, p_fence), p_phase);
end
$$;
comment on function engine.advance_sync(uuid, bigint, text) is
  'Ends a phase of the running pass. The last one ends the pass and has the channel scored.';

create function engine.pause_sync(p_step uuid, p_fence bigint, p_reason text default null, p_retry_seconds double precision default null) returns void
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
comment on function engine.pause_sync(uuid, bigint, text, double precision) is 'Tells the user what the synchronisation waits for, and until when.';

create function private.on_dead_channel_sync(p_subject uuid, p_error jsonb) returns void
language plpgsql set search_path = '' as $$
begin
  update public.channels
  set sync = (sync - 'retry_at') || jsonb_build_object('state', 'failed', 'reason', coalesce(p_error ->> 'code', 'failed'))
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

revoke all on function engine.begin_sync(uuid, bigint), engine.sync_batch(uuid, bigint, integer), engine.save_identity(uuid, bigint, jsonb),
  engine.save_videos(uuid, bigint, jsonb, text[], text, bigint), engine.save_counters(uuid, bigint, text[], jsonb),
  engine.save_formats(uuid, bigint, text[], jsonb), engine.save_curves(uuid, bigint, date, jsonb),
  engine.advance_sync(uuid, bigint, text), engine.pause_sync(uuid, bigint, text, double precision)
  from public, anon, authenticated;
grant execute on function engine.begin_sync(uuid, bigint), engine.sync_batch(uuid, bigint, integer), engine.save_identity(uuid, bigint, jsonb),
  engine.save_videos(uuid, bigint, jsonb, text[], text, bigint), engine.save_counters(uuid, bigint, text[], jsonb),
  engine.save_formats(uuid, bigint, text[], jsonb), engine.save_curves(uuid, bigint, date, jsonb),
  engine.advance_sync(uuid, bigint, text), engine.pause_sync(uuid, bigint, text, double precision)
  to service_role;

-- Scores -------------------------------------------------------------------------------------------------------------

create table public.performance_scores (
  video_id uuid not null,
  channel_id uuid not null,
  model_version text not null,
  format text,
  basis text not null,
  epoch text,
  checkpoint_hours integer,
  age_hours double precision,
  label text not null,
  withheld text,
  n integer not null default 0,
  score smallint,
  multiplier double precision,
  raw_multiplier double precision,
  log_multiplier double precision,
  z_total double precision,
  confidence double precision,
  confidence_level text,
  components jsonb not null default '{}',
  measures jsonb not null default '{}',
  baseline_video_ids uuid[] not null default '{}',
  inspiration_order double precision,
  timing_r double precision,
  timing_checkpoint_hours integer,
  scored_at timestamptz not null,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint performance_scores_pkey primary key (video_id),
  constraint performance_scores_video_id_fkey foreign key (video_id) references public.videos (id) on delete cascade,
  constraint performance_scores_channel_id_fkey foreign key (channel_id) references public.channels (id) on delete cascade,
  constraint performance_scores_basis_check check (basis in ('lifetime', 'public_views', 'engaged_views')),
  constraint performance_scores_epoch_check check (epoch in ('E0', 'E1', 'E2')),
  constraint performance_scores_label_check
    check (label in ('insufficient_data', 'too_recent', 'provisional', 'outlier', 'above', 'typical', 'below')),
  constraint performance_scores_withheld_check check (withheld in ('too_recent', 'too_few', 'unknown_format', 'not_measured')),
  constraint performance_scores_confidence_level_check check (confidence_level in ('low', 'medium', 'high')),
  constraint performance_scores_score_check check (score between 0 and 100),
  -- A number, or a reason for having none: never both, never neither.
  constraint performance_scores_score_withheld_check check (
    (withheld is null) = (label not in ('insufficient_data', 'too_recent'))
    and num_nonnulls(score, multiplier, raw_multiplier, log_multiplier, z_total, confidence, confidence_level)
      = case when withheld is null then 7 else 0 end)
);
comment on table public.performance_scores is
  'How each video did against its own channel at the same age: Content Catalyst scores, not YouTube metrics. Hidden until the operator '
  'has recorded in private.settings (derived_metrics_accepted_at) that YouTube''s derived-metrics amendment was accepted.';
comment on column public.performance_scores.format is 'The cohort: only videos of one format are compared.';
comment on column public.performance_scores.basis is
  'lifetime: totals of videos of 30 days and more. public_views, engaged_views: the counter of that name at checkpoint_hours.';
comment on column public.performance_scores.age_hours is 'The age at which the video was compared; null for totals.';
comment on column public.performance_scores.withheld is 'Why there is no number; null when there is one.';
comment on column public.performance_scores.n is 'How many earlier videos it was compared with.';
comment on column public.performance_scores.score is '100 times the normal distribution at z_total, rounded: an index, not a probability.';
comment on column public.performance_scores.multiplier is 'Views over typical views, pulled toward 1 when n is small. The published one.';
comment on column public.performance_scores.components is
  'reach, velocity, engagement, retention, each {n, m, s_raw, s, r, z}: median, spread and distance, on logarithms but for retention.';
comment on column public.performance_scores.measures is 'What the video had: {views, gained, interactions, viewed_percent}.';
comment on column public.performance_scores.baseline_video_ids is 'The videos it was compared with, earliest first.';
comment on column public.performance_scores.inspiration_order is
  'Orders examples for generation, best first, as their value halves every half-life: that order does not change with time, so it is '
  'stored. Flops (log_multiplier below 0) have the same order among themselves.';
comment on column public.performance_scores.timing_r is
  'Distance from the usual reach at the first age of 48 hours or more that is known (timing_checkpoint_hours): what best times are made of.';
comment on column public.performance_scores.scored_at is 'When the score last changed; scoring again without news changes nothing.';
create index performance_scores_channel_id_score_key_idx on public.performance_scores
  (channel_id, (coalesce(z_total, '-infinity')) desc, video_id desc);
create index performance_scores_channel_id_label_score_key_idx on public.performance_scores
  (channel_id, label, (coalesce(z_total, '-infinity')) desc, video_id desc);
create index performance_scores_channel_id_inspiration_order_idx on public.performance_scores (channel_id, inspiration_order desc)
  where inspiration_order is not null;
create trigger performance_scores_touch before update on public.performance_scores
  for each row execute function private.touch_updated_at();
alter table public.performance_scores enable row level security;
grant select on public.performance_scores to authenticated;
create policy "members see the scores of their channels once accepted" on public.performance_scores
  for select to authenticated
  using (
    channel_id in (select private.my_channels())
    and (select private.setting('derived_metrics_accepted_at')) is not null);

create view public.scored_videos with (security_invoker = true) as
select v.id, v.channel_id, v.youtube_video_id, v.title, v.format, v.privacy, v.published_at, v.duration_seconds, v.thumbnail_url,
  v.views, v.likes, v.comments, v.average_view_percentage, v.counted_at, v.gone_at,
  s.model_version, s.basis, s.checkpoint_hours, s.label, s.withheld, s.n, s.score, s.multiplier, s.raw_multiplier, s.log_multiplier,
  s.z_total, s.confidence, s.confidence_level, s.components, s.measures, s.baseline_video_ids, s.inspiration_order, s.scored_at,
  coalesce(s.z_total, '-infinity') as score_key,
  coalesce(v.published_at, 'epoch') as published_key,
  (select private.setting('derived_metrics_accepted_at')) is not null as scores_shown
from public.videos v left join public.performance_scores s on s.video_id = v.id;
comment on view public.scored_videos is 'Videos with their scores, as the caller may see them; the score''s columns are null while scores are hidden.';
comment on column public.scored_videos.score_key is 'z_total, or the lowest number there is: a key to page by.';
comment on column public.scored_videos.published_key is 'published_at, or a time before there was YouTube: a key to page by.';
revoke all on public.scored_videos from public, anon, authenticated, service_role;
grant select on public.scored_videos to authenticated;

create function public.list_videos(
  p_channel uuid default null, p_label text default null, p_format text default null, p_sort text default null,
  p_after_key text default null, p_after_id uuid default null, p_limit integer default null
) returns table (
  id uuid, channel_id uuid, youtube_video_id text, title text, format text, privacy text, published_at timestamptz,
  duration_seconds integer, thumbnail_url text, views bigint, likes bigint, comments bigint, average_view_percentage double precision,
  counted_at timestamptz, gone_at timestamptz, model_version text, basis text, checkpoint_hours integer, label text, withheld text,
  n integer, score smallint, multiplier double precision, raw_multiplier double precision, z_total double precision,
  confidence double precision, confidence_level text, scored_at timestamptz, scores_shown boolean, page_key text)
language plpgsql stable security invoker
set search_path = '' set plan_cache_mode = 'force_generic_plan' set enable_sort = off set jit = off as $$
#variable_conflict use_column
declare
  v_limit integer := least(coalesce(p_limit, 26), 101);
  v_before_id uuid := coalesce(p_after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
  v_before_time timestamptz;
  v_before_score double precision;
  v_channels uuid[] := array(select c from private.my_channels() c where p_channel is null or c = p_channel);
  v_ids uuid[];
  v_keys text[];
  v_numbers bigint;
begin
  -- First which, by an index that has the order, channel by channel; then what they are. The plan is made once for a
  -- connection, without knowing how few rows the limit leaves: the settings above and `offset 0`, behind which nothing is
  -- joined in another order, leave it no other way.
  if p_sort = 'score' then
    v_before_score := coalesce(p_after_key::double precision, 'infinity');
    with best as (
      select s.id, s.key from unnest(v_channels) c cross join lateral (
        select s.video_id as id, coalesce(s.z_total, '-infinity') as key
        from public.performance_scores s
        where s.channel_id = c and p_label is null
          and (coalesce(s.z_total, '-infinity'), s.video_id) < (v_before_score, v_before_id)
          and exists (
            select from public.videos v where v.id = s.video_id and v.gone_at is null and (p_format is null or v.format = p_format) offset 0)
        order by coalesce(s.z_total, '-infinity') desc, s.video_id desc limit v_limit) s
      union all
      select s.id, s.key from unnest(v_channels) c cross join lateral (
        select s.video_id as id, coalesce(s.z_total, '-infinity') as key
        from public.performance_scores s
        where s.channel_id = c and s.label = p_label
          and (coalesce(s.z_total, '-infinity'), s.video_id) < (v_before_score, v_before_id)
          and exists (
            select from public.videos v where v.id = s.video_id and v.gone_at is null and (p_format is null or v.format = p_format) offset 0)
        order by coalesce(s.z_total, '-infinity') desc, s.video_id desc limit v_limit) s
      order by 2 desc, 1 desc limit v_limit)
    select array_agg(id order by key desc, id desc), array_agg(key::text order by key desc, id desc), count(*) filter (where key > '-infinity')
    into v_ids, v_keys, v_numbers from best;
    -- Videos without a score, or whose score the caller may not see, stand among those without a number.
    if p_label is null and v_numbers < v_limit then
      with rest as (
        select u.id, u.key::double precision as key from unnest(v_ids, v_keys) u (id, key)
        union all
        select v.id, '-infinity' from unnest(v_channels) c cross join lateral (
          select v.id from public.videos v
          where v.channel_id = c and v.gone_at is null and (p_format is null or v.format = p_format)
            and ('-infinity'::double precision, v.id) < (v_before_score, v_before_id)
            and not exists (select from public.performance_scores s where s.video_id = v.id offset 0)
          order by v.id desc limit v_limit) v
        order by 2 desc, 1 desc limit v_limit)
      select array_agg(id order by key desc, id desc), array_agg(key::text order by key desc, id desc) into v_ids, v_keys from rest;
    end if;
  else
    v_before_time := coalesce(p_after_key::timestamptz, 'infinity');
    with newest as (
      select v.id, v.key from unnest(v_channels) c cross join lateral (
        select v.id, coalesce(v.published_at, 'epoch') as key from public.videos v
        where v.channel_id = c and v.gone_at is null and (p_format is null or v.format = p_format)
          and (coalesce(v.published_at, 'epoch'), v.id) < (v_before_time, v_before_id)
          and (p_label is null or exists (
            select from public.performance_scores s where s.video_id = v.id and s.label = p_label offset 0))
        order by coalesce(v.published_at, 'epoch') desc, v.id desc limit v_limit) v
      order by 2 desc, 1 desc limit v_limit)
    select array_agg(id order by key desc, id desc), array_agg(key::text order by key desc, id desc) into v_ids, v_keys from newest;
  end if;
  return query
    select v.id, v.channel_id, v.youtube_video_id, v.title, v.format, v.privacy, v.published_at, v.duration_seconds, v.thumbnail_url,
      v.views, v.likes, v.comments, v.average_view_percentage, v.counted_at, v.gone_at, v.model_version, v.basis, v.checkpoint_hours,
      v.label, v.withheld, v.n, v.score, v.multiplier, v.raw_multiplier, v.z_total, v.confidence, v.confidence_level, v.scored_at,
      v.scores_shown, u.key
    from unnest(v_ids, v_keys) with ordinality u (id, key, place)
    cross join lateral (select * from public.scored_videos v where v.id = u.id offset 0) v
    order by u.place;
end
$$;
comment on function public.list_videos(uuid, text, text, text, text, uuid, integer) is
  'A page of the caller''s videos that are on YouTube, by `published` or by `score`, as row level security lets them be seen. Goes on after '
  'the page_key and the id of the last row of the page before. Its cost does not grow with the number of videos.';
revoke all on function public.list_videos(uuid, text, text, text, text, uuid, integer) from public, anon;
grant execute on function public.list_videos(uuid, text, text, text, text, uuid, integer) to authenticated;

create function public.video_details(p_video uuid default null) returns json
language plpgsql stable security invoker set search_path = '' set plan_cache_mode = 'force_generic_plan' as $$
declare
  v_row public.scored_videos;
begin
  select * into v_row from public.scored_videos where id = p_video;
  if v_row.id is null then
    return null;
  end if;
  return json_build_object(
    'video', row_to_json(v_row),
    'series', (
      select coalesce(json_agg(s), '[]') from (
        select s.basis, s.observed_at, s.age_hours, s.views, s.likes, s.comments, s.average_view_percentage
        from public.video_snapshots s where s.video_id = p_video order by s.observed_at, s.basis limit 1000) s),
    'baseline', (
      select coalesce(json_agg(b), '[]') from (
        select b.id, b.youtube_video_id, b.title, b.published_at, b.views
        from unnest(v_row.baseline_video_ids) u (id)
        cross join lateral (select * from public.videos v where v.id = u.id offset 0) b
        order by b.published_at desc nulls first, b.id desc) b));
end
$$;
comment on function public.video_details(uuid) is
  'One video with its series and the videos it was compared with, as row level security lets them be seen; null when it is not.';
revoke all on function public.video_details(uuid) from public, anon;
grant execute on function public.video_details(uuid) to authenticated;

create function engine.scoring_input(p_channel uuid default null, p_after uuid default null, p_limit integer default null) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'now', extract(epoch from private.now()),
    'last_synced', (select extract(epoch from last_synced_at) from public.channels where id = p_channel),
    'videos', coalesce(jsonb_agg(
      jsonb_build_object(
        'id', v.id, 'youtube_video_id', v.youtube_video_id, 'published_at', extract(epoch from v.published_at), 'format', v.format, 'views', v.views, 'likes', v.likes,
        'comments', v.comments, 'analytics_at', extract(epoch from v.analytics_at),
        'snapshots', (
          select coalesce(jsonb_agg(jsonb_build_array(
            s.basis, extract(epoch from s.observed_at), s.views, s.likes, s.comments, s.average_view_percentage)), '[]')
          from public.video_snapshots s
          -- Twice the last checkpoint: later values are never interpolated to.
          where s.video_id = v.id and s.age_hours <= 4320))
      order by v.id), '[]'))
  from (
    select * from public.videos
    where channel_id = p_channel and (p_after is null or id > p_after) and published_at is not null and gone_at is null
    order by id
    limit least(p_limit, 1000)) v
$$;
comment on function engine.scoring_input(uuid, uuid, integer) is
  'What scoring a channel needs: published videos by id, after p_after, with the snapshots that can matter. One JSON value, so that the '
  'Data API''s cap on rows does not cut it.';

create function engine.store_scores(p_step uuid, p_fence bigint, p_scores jsonb default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_channel uuid;
  v_stored integer;
  v_changed integer;
begin
  perform private.hold_step(p_step, p_fence);
  select subject_id into v_channel from private.steps where id = p_step;
  with given as (
    select * from jsonb_to_recordset(p_scores) as g(
      video_id uuid, model_version text, format text, basis text, epoch text, checkpoint_hours integer, age_hours double precision,
      label text, withheld text, n integer, score smallint, multiplier double precision, raw_multiplier double precision,
      log_multiplier double precision, z_total double precision, confidence double precision, confidence_level text, components jsonb,
      measures jsonb, baseline_video_ids uuid[], inspiration_order double precision, timing_r double precision,
      timing_checkpoint_hours integer)
    -- A video that was erased since the channel was read has no score any more.
    where exists (select from public.videos v where v.id = g.video_id and v.channel_id = v_channel and v.gone_at is null)
  ), changed as (
    insert into public.performance_scores as s (
      video_id, channel_id, model_version, format, basis, epoch, checkpoint_hours, age_hours, label, withheld, n, score, multiplier,
      raw_multiplier, log_multiplier, z_total, confidence, confidence_level, components, measures, baseline_video_ids,
      inspiration_order, timing_r, timing_checkpoint_hours, scored_at)
    select video_id, v_channel, model_version, format, basis, epoch, checkpoint_hours, age_hours, label, withheld, coalesce(n, 0), score,
      multiplier, raw_multiplier, log_multiplier, z_total, confidence, confidence_level, coalesce(components, '{}'),
      coalesce(measures, '{}'), coalesce(baseline_video_ids, '{}'), inspiration_order, timing_r, timing_checkpoint_hours, private.now()
    from given
    on conflict on constraint performance_scores_pkey do update
    set model_version = excluded.model_version, format = excluded.format, basis = excluded.basis, epoch = excluded.epoch,
        checkpoint_hours = excluded.checkpoint_hours, age_hours = excluded.age_hours, label = excluded.label,
        withheld = excluded.withheld, n = excluded.n, score = excluded.score, multiplier = excluded.multiplier,
        raw_multiplier = excluded.raw_multiplier, log_multiplier = excluded.log_multiplier, z_total = excluded.z_total,
        confidence = excluded.confidence, confidence_level = excluded.confidence_level, components = excluded.components,
        measures = excluded.measures, baseline_video_ids = excluded.baseline_video_ids,
        inspiration_order = excluded.inspiration_order, timing_r = excluded.timing_r,
        timing_checkpoint_hours = excluded.timing_checkpoint_hours, scored_at = excluded.scored_at
    where (s.model_version, s.format, s.basis, s.epoch, s.checkpoint_hours, s.label, s.withheld, s.n, s.confidence, s.components,
        s.measures, s.baseline_video_ids, s.timing_r, s.timing_checkpoint_hours)
      is distinct from (excluded.model_version, excluded.format, excluded.basis, excluded.epoch, excluded.checkpoint_hours,
        excluded.label, excluded.withheld, excluded.n, excluded.confidence, excluded.components, excluded.measures,
        excluded.baseline_video_ids, excluded.timing_r, excluded.timing_checkpoint_hours)
    returning 1
  )
  select (select count(*) from given), (select count(*) from changed) into v_stored, v_changed;
  return jsonb_build_object('stored', v_stored, 'changed', v_changed);
end
$$;
comment on function engine.store_scores(uuid, bigint, jsonb) is
  'Stores scores of the channel that the step is about; a score that did not change is not written again.';

create function engine.finish_scores(p_step uuid, p_fence bigint, p_summary jsonb default null) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_channel uuid;
begin
  perform private.hold_step(p_step, p_fence);
  select subject_id into v_channel from private.steps where id = p_step;
  delete from public.performance_scores s using public.videos v
  where v.id = s.video_id and s.channel_id = v_channel and (v.gone_at is not null or v.published_at is null);
  update public.channels set last_scored_at = private.now() where id = v_channel;
  perform private.log_event('channel.scored', 'info', 'scoring', 'The channel''s videos were scored.',
    p_summary || jsonb_build_object('channel_id', v_channel), null);
end
$$;
comment on function engine.finish_scores(uuid, bigint, jsonb) is 'Ends a scoring pass: drops the scores of videos that are gone, and notes what came of it.';

create function private.on_dead_channel_score(p_subject uuid, p_error jsonb) returns void
language plpgsql set search_path = '' as $$
begin
  perform private.log_event('channel.score_failed', 'error', 'scoring',
    'The channel''s videos could not be scored. The scores of the last pass stay; the next synchronisation tries again.',
    jsonb_build_object('channel_id', p_subject, 'error', p_error), null);
end
$$;

create function public.channel_insights(p_channel uuid) returns jsonb
language sql stable security invoker set search_path = '' as $$
  select jsonb_build_object(
    'time_zone', c.time_zone,
    'posting_slots', c.posting_slots,
    'last_synced_at', c.last_synced_at,
    'last_scored_at', c.last_scored_at,
    'scores_shown', private.setting('derived_metrics_accepted_at') is not null,
    'formats', (
      select coalesce(jsonb_agg(to_jsonb(f) order by f.videos desc, f.format), '[]')
      from (
        select v.format, count(*) as videos, count(s.score) as scored,
          count(*) filter (where s.label = 'outlier') as outliers, count(*) filter (where s.label = 'above') as above,
          count(*) filter (where s.label = 'typical') as typical, count(*) filter (where s.label = 'below') as below,
          count(*) filter (where s.label = 'provisional') as provisional, count(s.withheld) as withheld,
          percentile_cont(0.5) within group (order by s.multiplier) filter (where v.published_at > private.now() - interval '365 days')
            as median_multiplier,
          max(v.published_at) as newest_at
        from public.videos v left join public.performance_scores s on s.video_id = v.id
        where v.channel_id = c.id and v.gone_at is null and v.published_at is not null
        group by v.format) f),
    'baselines', (
      select coalesce(jsonb_agg(to_jsonb(b) order by b.format, b.checkpoint_hours nulls last, b.basis), '[]')
      from (
        select distinct on (s.format, s.basis, s.checkpoint_hours) s.format, s.basis, s.epoch, s.checkpoint_hours, s.n,
          (s.components #>> '{reach,m}')::double precision as m, (s.components #>> '{reach,s}')::double precision as s,
          v.published_at as until
        from public.performance_scores s join public.videos v on v.id = s.video_id
        where s.channel_id = c.id and s.score is not null
        order by s.format, s.basis, s.checkpoint_hours, v.published_at desc) b),
    'outliers', (
      select coalesce(jsonb_agg(to_jsonb(o) order by o.inspiration_order desc), '[]')
      from (
        select v.id, v.youtube_video_id, v.title, v.format, v.published_at, v.views, s.score, s.multiplier, s.label,
          s.confidence_level, s.inspiration_order
        from public.performance_scores s join public.videos v on v.id = s.video_id
        where s.channel_id = c.id and s.label = 'outlier'
        order by s.inspiration_order desc limit 10) o),
    'flops', (
      select coalesce(jsonb_agg(to_jsonb(o) order by o.inspiration_order desc), '[]')
      from (
        select v.id, v.youtube_video_id, v.title, v.format, v.published_at, v.views, s.score, s.multiplier, s.label,
          s.confidence_level, s.inspiration_order
        from public.performance_scores s join public.videos v on v.id = s.video_id
        where s.channel_id = c.id and s.label = 'below'
        order by s.inspiration_order desc limit 10) o),
    'timings', (
      select coalesce(jsonb_agg(jsonb_build_array(extract(epoch from v.published_at), s.timing_r)), '[]')
      from public.performance_scores s join public.videos v on v.id = s.video_id
      where s.channel_id = c.id and s.timing_r is not null))
  from public.channels c
  where c.id = p_channel
$$;
comment on function public.channel_insights(uuid) is
  'What a channel''s scores say as a whole, as the caller may see it; null for a channel that is not theirs.';
revoke all on function public.channel_insights(uuid) from public, anon;
grant execute on function public.channel_insights(uuid) to authenticated;

revoke all on function engine.scoring_input(uuid, uuid, integer), engine.store_scores(uuid, bigint, jsonb),
  engine.finish_scores(uuid, bigint, jsonb)
  from public, anon, authenticated;
grant execute on function engine.scoring_input(uuid, uuid, integer), engine.store_scores(uuid, bigint, jsonb),
  engine.finish_scores(uuid, bigint, jsonb)
  to service_role;

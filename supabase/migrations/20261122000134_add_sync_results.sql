-- What a synchronisation stores.

create function engine.save_identity(p_step uuid, p_fence bigint, p_channel jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid := private.sync_subject(p_step, p_fence);
begin
  update public.channels
  set title = p_channel ->> 'title', handle = p_channel ->> 'handle', thumbnail_url = p_channel ->> 'thumbnail_url',
      uploads_playlist_id = p_channel ->> 'uploads_playlist_id',
      subscriber_count = (p_channel ->> 'subscriber_count')::bigint
  where id = v_id;
  return private.advance_sync(v_id, 'identity');
end
$$;

create function engine.save_videos(
  p_step uuid, p_fence bigint, p_videos jsonb, p_gone text[], p_page_token text, p_found bigint
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
      channel_id, youtube_video_id, title, description, tags, category_id, language, thumbnail_url, published_at,
      duration_seconds, privacy, upload_status, publish_at, broadcast, made_for_kids, contains_synthetic_media, views,
      likes, comments, counted_at, next_checkpoint_at, sync_pass)
    select v_id, r.youtube_video_id, r.title, r.description, coalesce(r.tags, '{}'), r.category_id, r.language,
      r.thumbnail_url, r.published_at, r.duration_seconds, r.privacy, r.upload_status, r.publish_at, r.broadcast,
      r.made_for_kids, r.contains_synthetic_media, r.views, r.likes, r.comments, v_now,
      private.next_checkpoint(r.published_at, v_now), v_sync.pass
    from jsonb_to_recordset(p_videos) as r(
      youtube_video_id text, title text, description text, tags text[], category_id text, language text,
      thumbnail_url text, published_at timestamptz, duration_seconds integer, privacy text, upload_status text,
      publish_at timestamptz, broadcast text, made_for_kids boolean, contains_synthetic_media boolean, views bigint,
      likes bigint, comments bigint)
    on conflict on constraint videos_channel_id_youtube_video_id_key do update
    set title = excluded.title, description = excluded.description, tags = excluded.tags,
        category_id = excluded.category_id, language = excluded.language, thumbnail_url = excluded.thumbnail_url,
        published_at = coalesce(excluded.published_at, v.published_at, private.came_out(v, excluded.privacy, v_now)),
        duration_seconds = excluded.duration_seconds, privacy = excluded.privacy,
        upload_status = excluded.upload_status, publish_at = excluded.publish_at, broadcast = excluded.broadcast,
        made_for_kids = excluded.made_for_kids, contains_synthetic_media = excluded.contains_synthetic_media,
        views = excluded.views, likes = excluded.likes, comments = excluded.comments, counted_at = excluded.counted_at,
        next_checkpoint_at = private.next_checkpoint(coalesce(excluded.published_at, v.published_at,
          private.came_out(v, excluded.privacy, v_now)), v_now),
        sync_pass = excluded.sync_pass, gone_at = null
    returning v.*, (xmax = 0) as is_new
  ), snapshots as (
    insert into public.video_snapshots (video_id, channel_id, basis, observed_at, age_hours, views, likes, comments)
    select w.id, v_id, 'public_views', v_now, extract(epoch from v_now - w.published_at) / 3600,
      w.views, w.likes, w.comments
    from written w
    where w.views is not null and w.published_at <= v_now and w.privacy is distinct from 'private'
    on conflict on constraint video_snapshots_pkey do nothing
  )
  select count(*) filter (where is_new) into v_new from written;
  -- One that somebody made public by hand: only the list says when.
  if v_sync.kind <> 'full' and exists (
    select from public.videos v join jsonb_to_recordset(p_videos) as r(youtube_video_id text)
      on v.channel_id = v_id and v.youtube_video_id = r.youtube_video_id
    where v.privacy = 'public' and v.published_at is null)
  then
    update private.channel_syncs set full_at = null where channel_id = v_id;
  end if;
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
  'Stores a batch of resources with a snapshot each, marks what is gone, and remembers the page that comes next, all '
  'or nothing.';

create function engine.save_counters(p_step uuid, p_fence bigint, p_asked text[], p_counters jsonb) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid := private.sync_subject(p_step, p_fence);
  v_now timestamptz := private.now();
begin
  with read as (
    select * from jsonb_to_recordset(p_counters) as r(youtube_video_id text, views bigint, likes bigint,
      comments bigint)
  ), written as (
    update public.videos v
    set views = coalesce(r.views, v.views), likes = coalesce(r.likes, v.likes),
        comments = coalesce(r.comments, v.comments)
    from read r
    where v.channel_id = v_id and v.youtube_video_id = r.youtube_video_id
    returning v.id, v.published_at, v.privacy, r.views, r.likes, r.comments
  )
  insert into public.video_snapshots (video_id, channel_id, basis, observed_at, age_hours, views, likes, comments)
  select w.id, v_id, 'public_views', v_now, extract(epoch from v_now - w.published_at) / 3600,
    w.views, w.likes, w.comments
  from written w
  where w.views is not null and w.published_at <= v_now and w.privacy is distinct from 'private'
  on conflict on constraint video_snapshots_pkey do nothing;
  -- The answer may leave videos out without their being gone: they were asked for, and their turn comes again.
  update public.videos set counted_at = v_now, next_checkpoint_at = private.next_checkpoint(published_at, v_now)
  where channel_id = v_id and youtube_video_id = any (p_asked);
end
$$;

create function engine.save_formats(p_step uuid, p_fence bigint, p_asked text[], p_formats jsonb) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid := private.sync_subject(p_step, p_fence);
begin
  update public.videos
  set format = coalesce(p_formats ->> youtube_video_id, format), format_checked_at = private.now()
  where channel_id = v_id and youtube_video_id = any (p_asked);
end
$$;

create function engine.refuse_formats(p_step uuid, p_fence bigint, p_code text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid := private.sync_subject(p_step, p_fence);
begin
  update private.channel_syncs set formats_refusal = p_code, formats_refused_at = private.now() where channel_id = v_id;
end
$$;
comment on function engine.refuse_formats(uuid, bigint, text) is 'Analytics would not tell formats in any way.';

create function engine.save_curves(p_step uuid, p_fence bigint, p_data_through date, p_curves jsonb) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid := private.sync_subject(p_step, p_fence);
begin
  update private.channel_syncs set data_through = coalesce(p_data_through, data_through) where channel_id = v_id;
  update public.videos v
  set analytics_at = private.now(),
      average_view_percentage = coalesce(r.average_view_percentage, v.average_view_percentage)
  from jsonb_to_recordset(p_curves) as r(video_id uuid, average_view_percentage double precision)
  where v.id = r.video_id and v.channel_id = v_id;
  insert into public.video_snapshots as s
    (video_id, channel_id, basis, observed_at, age_hours, views, likes, comments, average_view_percentage)
  select v.id, v_id, p.basis, p.observed_at, extract(epoch from p.observed_at - v.published_at) / 3600,
    p.views, p.likes, p.comments, p.average_view_percentage
  from jsonb_to_recordset(p_curves) as r(video_id uuid, snapshots jsonb)
  join public.videos v on v.id = r.video_id and v.channel_id = v_id,
  lateral jsonb_to_recordset(r.snapshots) as p(
    basis text, observed_at timestamptz, views bigint, likes bigint, comments bigint,
    average_view_percentage double precision)
  where p.observed_at > v.published_at
  -- YouTube corrects days after the fact: the newest reading counts.
  on conflict on constraint video_snapshots_pkey do update
  set views = excluded.views, likes = excluded.likes, comments = excluded.comments,
      average_view_percentage = excluded.average_view_percentage, read_at = excluded.read_at;
end
$$;
comment on function engine.save_curves(uuid, bigint, date, jsonb) is
  'Stores cumulative points of daily curves as snapshots.';

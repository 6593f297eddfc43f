-- What the steps of an upload do.

create function private.lock_step_upload(p_step uuid, p_fence bigint) returns public.scheduled_uploads
language plpgsql set search_path = '' as $$
declare
  v_upload public.scheduled_uploads;
begin
  perform private.assert_claim(p_step, p_fence);
  select u.* into v_upload from public.scheduled_uploads u
  join private.steps s on s.subject_id = u.id
  where s.id = p_step for no key update of u;
  perform private.require_found(v_upload.id);
  return v_upload;
end
$$;
comment on function private.lock_step_upload(uuid, bigint) is 'The upload of a step whose claim still holds, locked.';

create function private.upload_work(p_upload public.scheduled_uploads) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return jsonb_build_object(
    'upload', to_jsonb(p_upload),
    'now', private.now(),
    'channel', (
      select jsonb_build_object('id', c.id, 'state', c.state, 'state_reason', c.state_reason, 'features', c.features,
        'youtube_channel_id', c.youtube_channel_id, 'uploads_playlist_id', c.uploads_playlist_id)
      from public.channels c where c.id = p_upload.channel_id),
    'render', private.render_readiness(p_upload.render_id),
    'session', (
      select to_jsonb(s) from private.upload_sessions s where s.upload_id = p_upload.id order by s.opened_at desc, s.id
      limit 1));
end
$$;

create function engine.open_upload(p_step uuid, p_fence bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  return private.upload_work(private.lock_step_upload(p_step, p_fence));
end
$$;
comment on function engine.open_upload(uuid, bigint) is
  'Everything a step needs to know to take the next step of its upload.';

create function private.failed_starts(p_channel uuid) returns integer
language sql stable set search_path = '' as $$
  select greatest(0, (
    select count(*) from private.quota_reservations
    where bucket = 'uploads' and quota_day = private.quota_day(private.now()) and channel_id = p_channel and spent = 1
  ) - (
    select count(*) from private.upload_sessions s join public.scheduled_uploads u on u.id = s.upload_id
    where u.channel_id = p_channel and s.opened_at >= private.quota_day_start(private.quota_day(private.now()))
  ))::integer
$$;
comment on function private.failed_starts(uuid) is
  'How many of today''s uploads a channel has used without a session: each start that YouTube refuses counts as one of '
  'the day''s uploads, as far as anybody knows. Five a day are a channel''s own budget.';

create function engine.prepare_upload(p_step uuid, p_fence bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_upload public.scheduled_uploads := private.lock_step_upload(p_step, p_fence);
  v_resets timestamptz := private.quota_day_start(private.quota_day(private.now()) + 1);
  v_quota jsonb;
  v_due integer;
begin
  if v_upload.state not in ('scheduled', 'preparing') then
    return jsonb_build_object('turn', false, 'work', private.upload_work(v_upload));
  end if;
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('publishing.channel:' || v_upload.channel_id,
    0));
  if exists (
    select from public.scheduled_uploads
    where channel_id = v_upload.channel_id and id <> v_upload.id and state in ('preparing', 'uploading')
  ) then
    v_upload := private.move_upload(v_upload, 'scheduled', 'channel_busy');
    return jsonb_build_object('turn', false, 'work', private.upload_work(v_upload));
  end if;
  if not exists (select from private.upload_sessions where upload_id = v_upload.id and ended_at is null) then
    v_quota := case when private.failed_starts(v_upload.channel_id) >= 5
      then '{"granted": false, "reservation": null, "reason": "failed_starts"}'
      else engine.reserve_quota('uploads', 1, v_upload.channel_id, 'ordinary') end;
    if (v_quota ->> 'granted')::boolean and v_upload.publish_at >= v_resets then
      -- Who is due before the next midnight goes first.
      select count(*) into v_due from public.scheduled_uploads
      where id <> v_upload.id and state in ('scheduled', 'preparing') and publish_at < v_resets;
      if (v_quota ->> 'remaining')::integer < v_due then
        perform engine.settle_quota((v_quota ->> 'reservation')::uuid, 0, false);
        v_quota := v_quota || '{"granted": false, "reservation": null, "reason": "full"}';
      end if;
    end if;
    if not (v_quota ->> 'granted')::boolean then
      v_upload := private.move_upload(v_upload, 'scheduled', case v_quota ->> 'reason'
        when 'failed_starts' then 'too_many_failed_starts' when 'share' then 'upload_share_used_up'
        else 'upload_quota_used_up' end);
      update public.scheduled_uploads set next_attempt_at = v_resets where id = v_upload.id returning * into v_upload;
      return jsonb_build_object('turn', false, 'quota', v_quota, 'work', private.upload_work(v_upload));
    end if;
  end if;
  v_upload := private.move_upload(v_upload, 'preparing', null);
  return jsonb_build_object('turn', true, 'quota', v_quota, 'work', private.upload_work(v_upload));
end
$$;
comment on function engine.prepare_upload(uuid, bigint) is
  'Gives an upload its turn on its channel and one upload of the day''s quota, or says what it has to wait for. A '
  'turn that finds an open session needs no quota.';

create function engine.record_upload_session(
  p_step uuid, p_fence bigint, p_version bigint, p_reservation uuid, p_session jsonb
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_upload public.scheduled_uploads := private.lock_step_upload(p_step, p_fence);
  v_total bigint := (p_session ->> 'bytes_total')::bigint;
begin
  if p_reservation is not null then
    perform engine.settle_quota(p_reservation, 1, false);
  end if;
  -- Somebody changed the upload while its session was being opened: that session is forgotten, no byte went into it.
  if v_upload.state <> 'preparing' or v_upload.version <> p_version or v_upload.intent <> 'publish' then
    return jsonb_build_object('recorded', false, 'work', private.upload_work(v_upload));
  end if;
  insert into private.upload_sessions (id, upload_id, session_uri, publish_at, bytes_total, source_sha256, opened_at)
  values ((p_session ->> 'id')::uuid, v_upload.id, p_session ->> 'session_uri',
    (p_session ->> 'publish_at')::timestamptz, v_total, p_session ->> 'source_sha256', private.now());
  v_upload := private.move_upload(v_upload, 'uploading', null);
  update public.scheduled_uploads
  set bytes_total = v_total, bytes_sent = 0, last_error = null,
      youtube_publish_at = (p_session ->> 'publish_at')::timestamptz
  where id = v_upload.id returning * into v_upload;
  return jsonb_build_object('recorded', true, 'work', private.upload_work(v_upload));
end
$$;
comment on function engine.record_upload_session(uuid, bigint, bigint, uuid, jsonb) is
  'Commits a session before its first byte. Not recorded (and so never used) when the upload was changed meanwhile.';

create function engine.resume_upload_session(p_step uuid, p_fence bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_upload public.scheduled_uploads := private.lock_step_upload(p_step, p_fence);
begin
  if v_upload.state = 'preparing' and exists (
    select from private.upload_sessions where upload_id = v_upload.id and ended_at is null
  ) then
    v_upload := private.move_upload(v_upload, 'uploading', null);
  end if;
  return private.upload_work(v_upload);
end
$$;
comment on function engine.resume_upload_session(uuid, bigint) is
  'Goes on with the session that a prepared upload still has.';

create function engine.record_upload_progress(
  p_step uuid, p_fence bigint, p_session uuid, p_bytes_sent bigint, p_session_uri text
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_upload public.scheduled_uploads := private.lock_step_upload(p_step, p_fence);
begin
  update private.upload_sessions
  set bytes_sent = p_bytes_sent, session_uri = coalesce(p_session_uri, session_uri)
  where id = p_session and upload_id = v_upload.id and ended_at is null;
  if found then
    update public.scheduled_uploads set bytes_sent = least(p_bytes_sent, bytes_total), last_error = null, reason = null
    where id = v_upload.id returning * into v_upload;
  end if;
  return private.upload_work(v_upload);
end
$$;
comment on function engine.record_upload_progress(uuid, bigint, uuid, bigint, text) is
  'Stores how many bytes the session says it has, and its new address when it gave one.';

create function engine.adopt_video(p_step uuid, p_fence bigint, p_video text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_upload public.scheduled_uploads := private.lock_step_upload(p_step, p_fence);
begin
  if v_upload.youtube_video_id is null and v_upload.state in ('uploading', 'outcome_unknown') then
    -- The id and the end of the session are one write: the address is kept until the video is known.
    update public.scheduled_uploads
    set youtube_video_id = p_video, bytes_sent = coalesce(bytes_total, bytes_sent), last_error = null
    where id = v_upload.id returning * into v_upload;
    perform private.end_session(v_upload.id, 'completed');
    update private.upload_sessions set outcome = 'completed'
    where upload_id = v_upload.id and outcome = 'gone';
    v_upload := private.move_upload(v_upload, 'processing', null);
  end if;
  return private.upload_work(v_upload);
end
$$;
comment on function engine.adopt_video(uuid, bigint, text) is 'The upload has become this video.';

create function engine.advance_upload(p_step uuid, p_fence bigint, p_from text, p_change jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_upload public.scheduled_uploads := private.lock_step_upload(p_step, p_fence);
begin
  -- The user was faster: the step looks again and decides anew.
  if v_upload.state <> p_from then
    return private.upload_work(v_upload);
  end if;
  if p_change ? 'session_outcome' then
    perform private.end_session(v_upload.id, p_change ->> 'session_outcome');
  end if;
  if p_change ? 'session_settled' then
    update private.upload_sessions set outcome = 'abandoned' where upload_id = v_upload.id and outcome = 'gone';
  end if;
  if p_change ? 'looked' then
    update private.upload_sessions set looks = looks + 1, last_look_at = private.now()
    where id = (p_change ->> 'looked')::uuid and upload_id = v_upload.id;
  end if;
  if p_change ? 'state' then
    v_upload := private.move_upload(v_upload, p_change ->> 'state', p_change ->> 'reason');
  end if;
  update public.scheduled_uploads set
    reason = case when p_change ? 'reason' then p_change ->> 'reason' else reason end,
    last_error = case when p_change ? 'error' then nullif(p_change -> 'error', 'null') else last_error end,
    next_attempt_at = case when p_change ? 'next_attempt_at' then (p_change ->> 'next_attempt_at')::timestamptz
      else next_attempt_at end,
    youtube_publish_at = case when p_change ? 'youtube_publish_at' then (p_change ->> 'youtube_publish_at')::timestamptz
      else youtube_publish_at end,
    told_at = case when p_change ? 'youtube_publish_at' then private.now() else told_at end,
    withdrawal_notice_at = case when p_change ? 'notice' then coalesce(withdrawal_notice_at, private.now())
      else withdrawal_notice_at end,
    published_at = case when p_change ? 'published_at' then (p_change ->> 'published_at')::timestamptz
      else published_at end,
    publish_at = case when p_change ? 'publish_at' then (p_change ->> 'publish_at')::timestamptz else publish_at end,
    local_time = case when p_change ? 'publish_at' then (p_change ->> 'publish_at')::timestamptz at time zone time_zone
      else local_time end,
    version = version + case when p_change ? 'publish_at' then 1 else 0 end
  where id = v_upload.id returning * into v_upload;
  return private.upload_work(v_upload);
end
$$;
comment on function engine.advance_upload(uuid, bigint, text, jsonb) is
  'Notes what a step found out: {"state", "reason", "error", "next_attempt_at", "session_outcome", '
  '"session_settled", "looked", "youtube_publish_at", "publish_at", "published_at", "notice"}. Changes nothing when '
  'the upload is no longer in p_from.';

create function engine.unclaimed_videos(p_step uuid, p_fence bigint, p_videos text[]) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform private.assert_claim(p_step, p_fence);
  return (
    select coalesce(jsonb_agg(v), '[]') from unnest(p_videos) as v
    where not exists (select from public.scheduled_uploads u where u.youtube_video_id = v));
end
$$;
comment on function engine.unclaimed_videos(uuid, bigint, text[]) is 'Those of these videos that no upload has become.';

create function engine.open_thumbnail(p_step uuid, p_fence bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_upload public.scheduled_uploads := private.lock_step_upload(p_step, p_fence);
begin
  return jsonb_build_object(
    'wanted', v_upload.thumbnail = 'wanted' and v_upload.youtube_video_id is not null,
    'channel_id', v_upload.channel_id, 'video', v_upload.youtube_video_id,
    'url', (select thumbnail_url from public.renders where id = v_upload.render_id));
end
$$;
comment on function engine.open_thumbnail(uuid, bigint) is 'Which picture is to be set on which video.';

create function engine.record_thumbnail(p_step uuid, p_fence bigint, p_thumbnail text, p_error jsonb) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_upload public.scheduled_uploads := private.lock_step_upload(p_step, p_fence);
begin
  update public.scheduled_uploads set thumbnail = p_thumbnail, thumbnail_error = nullif(p_error, 'null')
  where id = v_upload.id;
end
$$;
comment on function engine.record_thumbnail(uuid, bigint, text, jsonb) is
  'Whether the picture was set, and if not, why.';

create function private.on_dead_upload_thumbnail(p_subject uuid, p_error jsonb) returns void
language sql set search_path = '' as $$
  update public.scheduled_uploads set thumbnail = 'failed', thumbnail_error = p_error
  where id = p_subject and thumbnail = 'wanted'
$$;

create function private.on_dead_upload_advance(p_subject uuid, p_error jsonb) returns void
language plpgsql set search_path = '' as $$
declare
  v_upload public.scheduled_uploads;
begin
  select * into v_upload from public.scheduled_uploads where id = p_subject for no key update;
  if v_upload.id is null or 'needs_attention' <> all (private.upload_successors(v_upload.state)) then
    return;
  end if;
  update public.scheduled_uploads set last_error = coalesce(p_error, last_error) where id = v_upload.id;
  if v_upload.intent = 'keep_private' then
    -- A withdrawal is never given up: the net of private.reconcile_uploads makes it a new step.
    perform private.log_event('upload.withdrawal_stuck', 'error', 'publishing',
      format('The step that withdraws "%s" has used up its attempts; it begins again.', v_upload.title),
      jsonb_build_object('upload_id', v_upload.id, 'channel_id', v_upload.channel_id, 'error', p_error),
      v_upload.created_by);
    return;
  end if;
  perform private.move_upload(v_upload, 'needs_attention', 'attempts_exhausted');
end
$$;

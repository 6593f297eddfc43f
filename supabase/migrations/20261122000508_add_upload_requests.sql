-- What users do with uploads.

create function private.check_publication(
  p_upload uuid, p_channel public.channels, p_publish_at timestamptz, p_title_key text
) returns void
language plpgsql set search_path = '' as $$
declare
  v_now timestamptz := private.now();
  v_day date := private.quota_day(p_publish_at);
  -- Out of the conditions, where they would be asked for every row.
  v_day_start timestamptz := private.quota_day_start(v_day);
  v_day_end timestamptz := private.quota_day_start(v_day + 1);
  v_capacity integer := private.quota_capacity('uploads');
  v_title text;
  v_at timestamptz;
  v_booked integer;
  v_ledger private.quota_ledger;
begin
  if p_publish_at <= v_now then
    perform private.refuse(422, 'publish_time_past',
      format('The publish time must lie in the future; it is %s now.',
        to_char(v_now at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')),
      '/publish_at');
  end if;
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('publishing.channel:' || p_channel.id, 0));
  select title, publish_at into v_title, v_at from public.scheduled_uploads
  where channel_id = p_channel.id and id is distinct from p_upload and state not in ('cancelled', 'failed')
    and publish_at > p_publish_at - make_interval(mins => p_channel.minimum_gap_minutes)
    and publish_at < p_publish_at + make_interval(mins => p_channel.minimum_gap_minutes)
  order by abs(extract(epoch from publish_at - p_publish_at)) limit 1;
  if found then
    perform private.refuse(409, 'slot_taken',
      format('"%s" goes out at %s; two videos of this channel must be %s minutes apart.', v_title,
        to_char(v_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), p_channel.minimum_gap_minutes),
      '/publish_at');
  end if;
  select title into v_title from public.scheduled_uploads
  where channel_id = p_channel.id and id is distinct from p_upload and state not in ('cancelled', 'failed')
    and title_key = p_title_key
    and publish_at > p_publish_at - interval '30 days' and publish_at < p_publish_at + interval '30 days'
  order by publish_at limit 1;
  if found then
    perform private.refuse(409, 'duplicate_title',
      format('"%s" goes out within 30 days of this under the same title. Choose another title.', v_title), '/title');
  end if;
  -- Every upload books its slot's quota day; going out earlier than that only leaves room.
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('publishing.quota_day:' || v_day, 0));
  select count(*) into v_booked from public.scheduled_uploads
  where id is distinct from p_upload and state not in ('cancelled', 'failed')
    and publish_at >= v_day_start and publish_at < v_day_end;
  if v_booked >= v_capacity then
    perform private.refuse(409, 'upload_day_full',
      format('All %s YouTube uploads of that day are booked. Choose a time from %s on.', v_capacity,
        to_char(v_day_end at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')), '/publish_at');
  end if;
  if v_day = private.quota_day(v_now) then
    select * into v_ledger from private.quota_ledger where bucket = 'uploads' and quota_day = v_day;
    select count(*) into v_booked from public.scheduled_uploads
    where id is distinct from p_upload and state in ('scheduled', 'preparing') and publish_at < v_day_end;
    if v_ledger.exhausted_at is not null
      or coalesce(v_ledger.reserved + v_ledger.spent, 0) + v_booked >= v_capacity then
      perform private.refuse(409, 'upload_day_full',
        format('Today''s YouTube uploads are used up. Choose a time from %s on.',
          to_char(v_day_end at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')), '/publish_at');
    end if;
  end if;
end
$$;
comment on function private.check_publication(uuid, public.channels, timestamptz, text) is
  'Refuses a publish time that is past, too close to another video, under a title used within 30 days, or on a day '
  'whose uploads are booked.';

create function engine.schedule_upload(p_user uuid, p_idempotency jsonb, p_upload jsonb) returns jsonb
-- A connection plans this once, perhaps while there is no upload yet; of an empty table a scan is the cheapest plan.
language plpgsql security definer set search_path = '' set enable_seqscan = off as $$
declare
  v jsonb;
  v_channel public.channels;
  v_render uuid := (p_upload ->> 'render_id')::uuid;
  v_upload public.scheduled_uploads;
  v_publish_at timestamptz := (p_upload ->> 'publish_at')::timestamptz;
  v_zone text;
begin
  v := private.begin_request(p_user, 'scheduleUpload', p_idempotency);
  if v is not null then
    return v;
  end if;
  select c.* into v_channel from public.renders r join public.channels c on c.id = r.channel_id where r.id = v_render;
  perform private.require_found(v_channel.id);
  perform private.require_role(p_user, v_channel.id, array['owner', 'editor']);
  v_channel := private.hold_channel(v_channel.id);
  if v_channel.state <> 'connected' then
    perform private.refuse(409, 'channel_disconnected', 'Connect the channel again before scheduling a video on it.');
  end if;
  if p_upload ->> 'made_for_kids' is null then
    perform private.refuse(422, 'answers_missing', 'Say whether the video is made for kids: true or false.',
      '/made_for_kids');
  end if;
  if p_upload ->> 'altered_content' is null then
    perform private.refuse(422, 'answers_missing',
      'Say whether the video shows realistic altered or synthetic content: true or false.', '/altered_content');
  end if;
  -- The render's row is locked, so that two requests for one render see each other.
  perform from public.renders where id = v_render for no key update;
  if private.render_readiness(v_render) = 'failed' then
    perform private.refuse(409, 'invalid_state',
      'This render has no video file. Schedule a render that is running or completed.', '/render_id');
  end if;
  if private.render_readiness(v_render) = 'unconfirmed' then
    perform private.refuse(409, 'invalid_state',
      'This video was recognised by its time alone. Watch it, and confirm it before it is scheduled.', '/render_id');
  end if;
  if exists (select from public.scheduled_uploads where render_id = v_render
    and state not in ('cancelled', 'failed')) then
    perform private.refuse(409, 'duplicate_upload',
      'This render is scheduled already. Move that upload, or cancel it first.', '/render_id');
  end if;
  perform private.check_publication(null, v_channel, v_publish_at, p_upload ->> 'title_key');
  v_zone := coalesce(p_upload ->> 'time_zone', v_channel.time_zone);
  insert into public.scheduled_uploads (
    channel_id, render_id, created_by, title, title_key, description, tags, category_id, language, made_for_kids,
    altered_content, notify_subscribers, thumbnail, publish_at, time_zone, local_time, state_changed_at)
  values (
    v_channel.id, v_render, p_user, p_upload ->> 'title', p_upload ->> 'title_key',
    coalesce(p_upload ->> 'description', ''),
    array(select jsonb_array_elements_text(coalesce(p_upload -> 'tags', '[]'))),
    coalesce(p_upload ->> 'category_id', '22'), p_upload ->> 'language', (p_upload ->> 'made_for_kids')::boolean,
    (p_upload ->> 'altered_content')::boolean, coalesce((p_upload ->> 'notify_subscribers')::boolean, true),
    case when (p_upload ->> 'thumbnail')::boolean then 'wanted' else 'none' end, v_publish_at, v_zone,
    coalesce((p_upload ->> 'local_time')::timestamp, v_publish_at at time zone v_zone), private.now())
  returning * into v_upload;
  perform private.enqueue_step('publish', 'upload.advance', v_upload.id, v_channel.id);
  return private.end_request(p_user, 'scheduleUpload', p_idempotency, to_jsonb(v_upload));
end
$$;
comment on function engine.schedule_upload(uuid, jsonb, jsonb) is 'Schedules a render, or says what stands in the way.';

create function private.upload_for_edit(p_user uuid, p_upload uuid, p_version bigint) returns public.scheduled_uploads
language plpgsql set search_path = '' as $$
declare
  v_upload public.scheduled_uploads;
begin
  -- Step before upload, as everywhere: two orders would be a deadlock.
  perform private.lock_step('upload.advance', p_upload);
  select * into v_upload from public.scheduled_uploads where id = p_upload for no key update;
  perform private.require_found(v_upload.id);
  perform private.require_role(p_user, v_upload.channel_id, array['owner', 'editor']);
  perform private.require_version(p_version, v_upload.version,
    'The upload has changed since it was read. Read it again, then repeat the change.');
  return v_upload;
end
$$;

create function engine.edit_upload(p_user uuid, p_upload uuid, p_version bigint, p_change jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_upload public.scheduled_uploads := private.upload_for_edit(p_user, p_upload, p_version);
  v_channel public.channels;
  v_moves boolean := p_change ? 'publish_at';
  v_retells boolean := p_change ?| array[
    'title', 'description', 'tags', 'category_id', 'language', 'made_for_kids', 'altered_content',
      'notify_subscribers'];
  v_resumes boolean := coalesce((p_change ->> 'resume')::boolean, false);
begin
  if v_upload.state in ('published', 'cancelled', 'failed') then
    perform private.refuse(409, 'invalid_state',
      format('The upload is %s; nothing about it can be changed any more.', v_upload.state));
  end if;
  if v_upload.intent = 'keep_private' then
    perform private.refuse(409, 'invalid_state',
      'The upload is being cancelled. Schedule the render again when that is done.');
  end if;
  -- What a session was opened with cannot be changed in it, and afterwards YouTube Studio is the place to edit.
  if v_retells and (v_upload.state not in ('scheduled', 'needs_attention')
    or v_upload.youtube_video_id is not null
    or exists (select from private.upload_sessions where upload_id = v_upload.id and ended_at is null)) then
    perform private.refuse(409, 'invalid_state',
      'The upload has begun, so only its time can be changed here. Edit the text in YouTube Studio once it is there.');
  end if;
  if v_resumes and v_upload.state <> 'needs_attention' then
    perform private.refuse(409, 'invalid_state',
      format('Only an upload that needs attention can be resumed; this one is %s.', v_upload.state), '/resume');
  end if;
  select * into v_channel from public.channels where id = v_upload.channel_id;
  update public.scheduled_uploads set
    publish_at = case when v_moves then (p_change ->> 'publish_at')::timestamptz else publish_at end,
    time_zone = coalesce(p_change ->> 'time_zone', time_zone),
    local_time = case when v_moves then coalesce(
      (p_change ->> 'local_time')::timestamp,
      (p_change ->> 'publish_at')::timestamptz at time zone coalesce(p_change ->> 'time_zone', time_zone))
      else local_time end,
    title = coalesce(p_change ->> 'title', title),
    title_key = coalesce(p_change ->> 'title_key', title_key),
    description = coalesce(p_change ->> 'description', description),
    tags = case when p_change -> 'tags' is null then tags
      else array(select jsonb_array_elements_text(p_change -> 'tags')) end,
    category_id = coalesce(p_change ->> 'category_id', category_id),
    language = case when p_change ? 'language' then p_change ->> 'language' else language end,
    made_for_kids = coalesce((p_change ->> 'made_for_kids')::boolean, made_for_kids),
    altered_content = coalesce((p_change ->> 'altered_content')::boolean, altered_content),
    notify_subscribers = coalesce((p_change ->> 'notify_subscribers')::boolean, notify_subscribers),
    version = version + 1
  where id = v_upload.id returning * into v_upload;
  if v_moves or v_resumes or p_change ? 'title' then
    perform private.check_publication(v_upload.id, v_channel, v_upload.publish_at, v_upload.title_key);
  end if;
  if v_upload.state = 'needs_attention' and (v_moves or v_resumes) then
    if v_channel.state <> 'connected' then
      perform private.refuse(409, 'channel_disconnected', 'Connect the channel again before resuming this upload.');
    end if;
    v_upload := private.resume_upload(v_upload);
  elsif v_moves then
    perform private.enqueue_step('publish', 'upload.advance', v_upload.id, v_upload.channel_id);
  end if;
  return to_jsonb(v_upload);
end
$$;
comment on function engine.edit_upload(uuid, uuid, bigint, jsonb) is
  'Moves an upload, changes its text while nothing was sent, and resumes one that needs attention.';

create function private.withdraw_upload(p_upload public.scheduled_uploads) returns public.scheduled_uploads
language plpgsql set search_path = '' as $$
declare
  v_upload public.scheduled_uploads := p_upload;
  v_outside boolean;
begin
  -- Is there, or may there be, something on YouTube?
  v_outside := v_upload.reason is distinct from 'deleted_on_youtube' and (
    v_upload.youtube_video_id is not null
    or v_upload.state in ('uploading', 'outcome_unknown')
    or v_upload.reason is not distinct from 'outcome_ambiguous'
    or exists (select from private.upload_sessions where upload_id = v_upload.id and ended_at is null));
  if not v_outside then
    perform private.cancel_step('upload.advance', v_upload.id);
    return private.move_upload(v_upload, 'cancelled', 'cancelled_by_user');
  end if;
  -- The step finds out, takes the schedule off the video if there is one, and then ends the upload.
  update public.scheduled_uploads set intent = 'keep_private', next_attempt_at = null, version = version + 1
  where id = v_upload.id returning * into v_upload;
  if v_upload.state = 'needs_attention' then
    return private.resume_upload(v_upload);
  end if;
  perform private.enqueue_step('publish', 'upload.advance', v_upload.id, v_upload.channel_id);
  return v_upload;
end
$$;
comment on function private.withdraw_upload(public.scheduled_uploads) is
  'Ends an upload at once while nothing was sent; afterwards notes the wish, and the step keeps the video private.';

create function engine.cancel_upload(p_user uuid, p_upload uuid, p_version bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_upload public.scheduled_uploads := private.upload_for_edit(p_user, p_upload, p_version);
begin
  if v_upload.state = 'cancelled' then
    return to_jsonb(v_upload);
  elsif v_upload.state in ('published', 'failed') then
    perform private.refuse(409, 'invalid_state', case v_upload.state
      when 'published' then 'The video is public already. Change or delete it in YouTube Studio.'
      else 'The upload has failed; there is nothing left to cancel.' end);
  end if;
  return to_jsonb(private.withdraw_upload(v_upload));
end
$$;
comment on function engine.cancel_upload(uuid, uuid, bigint) is
  'Cancels at once while nothing was sent; afterwards notes the wish, and the step keeps the video private.';

create function engine.full_upload_days() returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(day order by day), '[]') from (
    select private.quota_day(publish_at) as day from public.scheduled_uploads
    where state not in ('cancelled', 'failed')
      and publish_at >= private.quota_day_start(private.quota_day(private.now()))
    group by 1 having count(*) >= private.quota_capacity('uploads')
    union
    select quota_day from private.quota_ledger
    where bucket = 'uploads' and quota_day = private.quota_day(private.now())
      and (exhausted_at is not null or reserved + spent >= private.quota_capacity('uploads'))
  ) full_days
$$;
comment on function engine.full_upload_days() is
  'Quota days from today on which no upload is left, as dates of Los Angeles.';

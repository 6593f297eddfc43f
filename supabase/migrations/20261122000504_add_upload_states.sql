-- The one way from a state of an upload to the next.

create function private.wake_next_upload(p_channel uuid) returns void
language plpgsql set search_path = '' as $$
declare
  v_next uuid;
begin
  select id into v_next from public.scheduled_uploads
  where channel_id = p_channel and state = 'scheduled' and reason = 'channel_busy'
  order by publish_at, id limit 1;
  if v_next is not null then
    perform private.enqueue_step('publish', 'upload.advance', v_next, p_channel);
  end if;
end
$$;

create function private.wake_erasure(p_channel uuid) returns void
language plpgsql set search_path = '' as $$
begin
  if exists (select from public.channels where id = p_channel and state = 'erasing') then
    perform private.enqueue_step('maintenance', 'channel.erase', p_channel, p_channel);
  end if;
end
$$;
comment on function private.wake_erasure(uuid) is 'An erasure that waits for uploads to be withdrawn looks again.';

create function private.move_upload(p_upload public.scheduled_uploads, p_state text, p_reason text)
returns public.scheduled_uploads
language plpgsql set search_path = '' as $$
declare
  v_upload public.scheduled_uploads;
begin
  if p_state = p_upload.state then
    update public.scheduled_uploads set reason = p_reason
    where id = p_upload.id returning * into v_upload;
    return v_upload;
  end if;
  if p_state <> all (private.upload_successors(p_upload.state)) then
    raise exception 'an upload cannot go from % to %', p_upload.state, p_state using errcode = 'check_violation';
  end if;
  update public.scheduled_uploads
  set state = p_state, reason = p_reason, state_changed_at = private.now(), version = version + 1,
      next_attempt_at = null,
      -- A cancelled upload that stands still may yet be published by YouTube.
      withdrawal_notice_at = case when p_state = 'needs_attention' and intent = 'keep_private'
        then coalesce(withdrawal_notice_at, private.now()) else withdrawal_notice_at end
  where id = p_upload.id returning * into v_upload;
  if p_state in ('on_youtube', 'published') and v_upload.thumbnail = 'wanted' then
    perform private.enqueue_step('publish', 'upload.thumbnail', v_upload.id, v_upload.channel_id);
  end if;
  if p_upload.state in ('preparing', 'uploading') and p_state not in ('preparing', 'uploading') then
    perform private.wake_next_upload(p_upload.channel_id);
  end if;
  if p_state in ('published', 'cancelled', 'failed', 'needs_attention') then
    perform private.wake_erasure(v_upload.channel_id);
  end if;
  if p_state in ('needs_attention', 'failed') then
    perform private.log_event('upload.' || p_state, 'warning', 'publishing',
      format('Upload "%s" stands at %s: %s.', v_upload.title, p_state, p_reason),
      jsonb_build_object('upload_id', v_upload.id, 'channel_id', v_upload.channel_id, 'reason', p_reason),
      v_upload.created_by);
  elsif p_state in ('published', 'cancelled') then
    perform private.log_event('upload.' || p_state, 'info', 'publishing',
      format('Upload "%s" is %s.', v_upload.title, p_state),
      jsonb_build_object('upload_id', v_upload.id, 'channel_id', v_upload.channel_id, 'reason', p_reason),
      v_upload.created_by);
  end if;
  return v_upload;
end
$$;
comment on function private.move_upload(public.scheduled_uploads, text, text) is
  'The only way an upload''s state changes. Refuses what private.upload_successors does not name.';

create function private.resume_upload(p_upload public.scheduled_uploads) returns public.scheduled_uploads
language plpgsql set search_path = '' as $$
declare
  v_upload public.scheduled_uploads := p_upload;
  v_state text;
  v_wait interval := greatest(p_upload.next_attempt_at - private.now(), interval '0');
begin
  if v_upload.reason = 'deleted_on_youtube' then
    -- The video is gone by somebody's will; only a user's own word starts another one.
    update public.scheduled_uploads
    set youtube_video_id = null, youtube_publish_at = null, bytes_sent = 0, bytes_total = null
    where id = v_upload.id returning * into v_upload;
  end if;
  if v_upload.youtube_video_id is not null then
    -- Tell YouTube the time again, whatever it was told before.
    update public.scheduled_uploads set youtube_publish_at = null where id = v_upload.id returning * into v_upload;
    v_state := 'processing';
  elsif v_upload.reason is not distinct from 'outcome_ambiguous' or exists (
    -- A session that is gone and whose outcome was never settled is looked for again, never sent again.
    select from private.upload_sessions s
    where s.upload_id = v_upload.id and s.outcome = 'gone' and s.id = (
      select l.id from private.upload_sessions l where l.upload_id = v_upload.id order by l.opened_at desc, l.id
      limit 1)
  ) then
    v_state := 'outcome_unknown';
  else
    v_state := 'scheduled';
  end if;
  v_upload := private.move_upload(v_upload, v_state, null);
  update private.upload_sessions set looks = 0, last_look_at = null where upload_id = v_upload.id;
  if v_wait > interval '0' and v_upload.intent = 'publish' then
    -- What was refused until a certain time is not tried again before, however often it is asked for.
    update public.scheduled_uploads set next_attempt_at = p_upload.next_attempt_at
    where id = v_upload.id returning * into v_upload;
  end if;
  perform private.enqueue_step('publish', 'upload.advance', v_upload.id, v_upload.channel_id,
    case when v_upload.intent = 'publish' then coalesce(v_wait, interval '0') else interval '0' end);
  return v_upload;
end
$$;
comment on function private.resume_upload(public.scheduled_uploads) is
  'Takes an upload out of needs_attention, to where its own facts put it: with a video, with an unknown outcome, or '
  'before both.';

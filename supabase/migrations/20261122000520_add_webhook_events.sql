-- What users are told: what becomes of their renders, uploads and connections.
--
-- An event is written in the transaction that changes the state it tells of, by triggers, so neither can be without
-- the other.

create function private.emit_render() returns trigger
language plpgsql set search_path = '' as $$
declare
  v_type text;
begin
  v_type := case
    when tg_op = 'INSERT' then 'render.requested'
    when new.state = old.state then null
    when new.state = 'queued' then 'render.started'
    when new.state in ('ready', 'failed', 'cancelled') then 'render.' || new.state
    when new.state in ('submit_unknown', 'timed_out_unknown') then 'render.outcome_unknown' end;
  if v_type is not null then
    perform private.emit_webhook(v_type, new.channel_id, jsonb_build_object(
      'id', new.id, 'channel_id', new.channel_id, 'content_id', new.content_id, 'state', new.state,
      'confirmation', new.confirmation,
      'error', case when new.error is not null
        then jsonb_build_object('code', new.error -> 'code', 'message', new.error -> 'message') end));
  end if;
  return null;
end
$$;
create trigger renders_emit after insert or update of state on public.renders
  for each row execute function private.emit_render();

create function private.emit_upload() returns trigger
language plpgsql set search_path = '' as $$
declare
  v_type text;
  v_data jsonb;
begin
  v_type := case
    when tg_op = 'INSERT' then 'upload.scheduled'
    when new.state <> old.state then case new.state
      when 'uploading' then 'upload.started'
      -- On its way again after it stood still.
      when 'scheduled' then case when old.state = 'needs_attention' then 'upload.scheduled' end
      when 'on_youtube' then 'upload.on_youtube'
      when 'published' then 'upload.published'
      when 'needs_attention' then 'upload.needs_attention'
      when 'outcome_unknown' then 'upload.outcome_unknown'
      when 'cancelled' then 'upload.cancelled'
      when 'failed' then 'upload.failed' end
    when new.publish_at is distinct from old.publish_at then 'upload.rescheduled' end;
  v_data := jsonb_build_object(
    'id', new.id, 'channel_id', new.channel_id, 'render_id', new.render_id, 'state', new.state, 'reason', new.reason,
    'title', new.title, 'publish_at', new.publish_at, 'youtube_video_id', new.youtube_video_id);
  if v_type is not null then
    perform private.emit_webhook(v_type, new.channel_id, v_data);
  end if;
  if tg_op = 'UPDATE' and old.withdrawal_notice_at is null and new.withdrawal_notice_at is not null then
    perform private.emit_webhook('upload.withdrawal_failed', new.channel_id,
      v_data || jsonb_build_object('studio_url', private.studio_url(new)));
  end if;
  return null;
end
$$;
create trigger scheduled_uploads_emit
  after insert or update of state, publish_at, withdrawal_notice_at on public.scheduled_uploads
  for each row execute function private.emit_upload();

create function private.not_withdrawn(p_channel uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_agg(jsonb_build_object('youtube_video_id', u.youtube_video_id, 'title', u.title,
    'publish_at', u.publish_at, 'studio_url', private.studio_url(u)) order by u.publish_at, u.id)
  from public.scheduled_uploads u
  where u.channel_id = p_channel and u.intent = 'keep_private' and u.state not in ('published', 'cancelled', 'failed')
$$;
comment on function private.not_withdrawn(uuid) is
  'The cancelled uploads of a channel of which YouTube has not confirmed that they stay private; null when there are '
  'none.';

create function private.emit_channel(
  p_type text, p_channel public.channels, p_more jsonb default '{}', p_forget boolean default false
) returns void
language sql set search_path = '' as $$
  select private.emit_webhook(p_type, p_channel.id, p_more || jsonb_build_object(
    'id', p_channel.id, 'youtube_channel_id', p_channel.youtube_channel_id, 'title', p_channel.title,
    'state', p_channel.state, 'reason', p_channel.state_reason), p_forget)
$$;

create function private.emit_connection() returns trigger
language plpgsql set search_path = '' as $$
begin
  -- With its credentials a channel is connected; its owner is there by then.
  if tg_table_name = 'channel_credentials' then
    perform private.emit_channel('channel.connected', c) from public.channels c where c.id = new.channel_id;
  elsif tg_op = 'DELETE' then
    perform private.emit_channel('channel.erased', old,
      jsonb_build_object('state', 'erased', 'not_withdrawn', private.not_withdrawn(old.id)), true);
    return old;
  elsif old.state = 'connected' and new.state = 'disconnected' then
    perform private.emit_channel('channel.disconnected', new);
  elsif old.state = 'disconnected' and new.state = 'connected' then
    perform private.emit_channel('channel.reconnected', new);
  end if;
  return null;
end
$$;
create trigger channel_credentials_emit after insert on private.channel_credentials
  for each row execute function private.emit_connection();
create trigger channels_emit after update of state on public.channels
  for each row execute function private.emit_connection();
-- Before: afterwards nobody is a member.
create trigger channels_emit_erased before delete on public.channels
  for each row execute function private.emit_connection();

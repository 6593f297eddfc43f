-- What happens elsewhere and lets an upload go on.

create function private.channel_wakes_uploads() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_upload public.scheduled_uploads;
begin
  perform from private.steps where channel_id = new.id and kind = 'upload.advance' order by id for no key update;
  for v_upload in
    select * from public.scheduled_uploads
    where channel_id = new.id and state = 'needs_attention'
      and reason in ('grant_revoked', 'scope_missing', 'channel_disconnected', 'channel_missing')
    order by publish_at for no key update
  loop
    perform private.resume_upload(v_upload);
  end loop;
  return null;
end
$$;
comment on function private.channel_wakes_uploads() is
  'A channel that is connected again takes up the uploads that waited for that.';
create trigger channels_wake_uploads after update of state, features on public.channels
  for each row when (new.state = 'connected'
    and (old.state is distinct from new.state or old.features is distinct from new.features))
  execute function private.channel_wakes_uploads();

create function private.render_wakes_uploads() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_upload public.scheduled_uploads;
begin
  perform from private.steps s join public.scheduled_uploads u on u.id = s.subject_id
  where s.kind = 'upload.advance' and u.render_id = new.id order by s.id for no key update of s;
  for v_upload in
    select * from public.scheduled_uploads where render_id = new.id
      and (state = 'scheduled' or (state = 'needs_attention' and reason = 'render_unconfirmed'))
    for no key update
  loop
    if v_upload.state = 'needs_attention' then
      perform private.resume_upload(v_upload);
    else
      perform private.enqueue_step('publish', 'upload.advance', v_upload.id, v_upload.channel_id);
    end if;
  end loop;
  return null;
end
$$;
comment on function private.render_wakes_uploads() is
  'An upload starts the moment its render has ended, and when its video is confirmed or rejected.';
create trigger renders_wake_uploads after update of state, confirmation on public.renders
  for each row when ((new.state is distinct from old.state and new.state in ('ready', 'failed', 'cancelled'))
    or new.confirmation is distinct from old.confirmation)
  execute function private.render_wakes_uploads();

create function private.reconcile_uploads() returns integer
language plpgsql security definer set search_path = '' as $$
declare
  v_upload record;
  v_found integer := 0;
begin
  for v_upload in
    select u.id, u.channel_id from public.scheduled_uploads u
    left join private.steps s on s.kind = 'upload.advance' and s.subject_id = u.id
    where u.state in ('scheduled', 'preparing', 'uploading', 'outcome_unknown', 'processing', 'on_youtube')
      and (s.id is null or s.state = 'done' or (s.state = 'dead' and u.intent = 'keep_private'))
  loop
    perform private.enqueue_step('publish', 'upload.advance', v_upload.id, v_upload.channel_id);
    v_found := v_found + 1;
  end loop;
  update private.heartbeats set beat_at = private.now(), worker = 'reconcile_uploads' where name = 'reconcile';
  return v_found;
end
$$;
comment on function private.reconcile_uploads() is
  'The net under everything else: an upload that is under way and has no step gets one. Finds nothing unless '
  'somebody has tampered with the queue or a backup was restored.';
select cron.schedule('reconcile-uploads', '*/5 * * * *', 'select private.reconcile_uploads()');

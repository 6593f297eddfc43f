-- Our own copies of rendered files.
--
-- The render service does not say how long it keeps a file, and a lost one is paid for again. So each finished file is
-- copied once into a private bucket, as <channel>/<render>.mp4, and served and published from there.

insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
-- The largest file that is accepted of the service, and nothing but videos.
values ('renders', 'renders', false, 2147483648, array['video/mp4'])
on conflict (id) do update
set public = excluded.public, file_size_limit = excluded.file_size_limit,
    allowed_mime_types = excluded.allowed_mime_types;

-- Storage's tables outlive a database that is restored into the same project.
drop policy if exists "members read the rendered files of their channels" on storage.objects;
create policy "members read the rendered files of their channels" on storage.objects
  for select to authenticated
  using (bucket_id = 'renders' and (storage.foldername(name))[1] in (select private.my_channels()::text));

create function private.copy_ready_render() returns trigger
language plpgsql set search_path = '' as $$
begin
  perform private.enqueue_step('render', 'render.copy', new.id, new.channel_id);
  return null;
end
$$;
create trigger renders_copy_ready after update of state on public.renders
  for each row when (new.state = 'ready' and old.state <> 'ready') execute function private.copy_ready_render();

create function engine.open_render_copy(p_step uuid, p_fence bigint, p_render uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform private.assert_claim(p_step, p_fence);
  return (
    select jsonb_build_object('id', r.id, 'channel_id', r.channel_id, 'bytes', r.file_bytes)
    from public.renders r join private.render_jobs j on j.render_id = r.id
    where r.id = p_render and r.state = 'ready' and j.copied_at is null);
end
$$;
comment on function engine.open_render_copy(uuid, bigint, uuid) is
  'A finished render whose file has no copy yet; null when there is nothing to do.';

create function engine.finish_render_copy(p_step uuid, p_fence bigint, p_render uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  perform private.assert_claim(p_step, p_fence);
  update private.render_jobs j set copied_at = private.now()
  from public.renders r join public.channels c on c.id = r.channel_id
  where j.render_id = p_render and r.id = p_render and c.state <> 'erasing';
  return found;
end
$$;
comment on function engine.finish_render_copy(uuid, bigint, uuid) is
  'The copy is complete. False when its channel is going: the copy must go too.';

create function private.on_dead_render_copy(p_subject uuid, p_error jsonb) returns void
language plpgsql set search_path = '' as $$
begin
  perform private.log_event('render.copy_failed', 'error', 'render',
    'A rendered file could not be copied to our storage. It is read from the render service while that keeps it.',
    jsonb_build_object('render_id', p_subject, 'error', p_error), r.requested_by)
  from public.renders r where r.id = p_subject;
end
$$;
comment on function private.on_dead_render_copy(uuid, jsonb) is
  'The render stays ready: its file is read from the service while it lasts.';

create function private.sweep_render_copies() returns integer
language plpgsql set search_path = '' as $$
declare
  v_channel uuid;
  v_swept integer := 0;
begin
  for v_channel in
    select distinct (storage.foldername(o.name))[1]::uuid from storage.objects o
    where o.bucket_id = 'renders' and o.name ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/'
    except select id from public.channels
  loop
    perform private.enqueue_step('maintenance', 'channel.erase', v_channel, null);
    v_swept := v_swept + 1;
  end loop;
  return v_swept;
end
$$;
comment on function private.sweep_render_copies() is
  'Copies of channels that are gone, such as one whose upload ended while its channel was erased, are erased.';
select cron.schedule('sweep-render-copies', '41 * * * *', 'select private.sweep_render_copies()');

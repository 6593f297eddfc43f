-- Erasing what can no longer be verified.
--
-- YouTube's developer policies (III.E.4): what was read with a permission is verified, or erased, within thirty days.
-- A day is kept in hand for the erasure itself, and a week for telling the owner.

-- YouTube's developer policies (III.E.4): what was read with a permission is verified, or erased, within thirty days. A
-- day is kept in hand for the erasure itself, and a week for telling the owner.
create function private.grant_verified_at(p_channel uuid) returns timestamptz
language plpgsql stable set search_path = '' as $$
begin
  return (
    select coalesce(k.refreshed_at, k.created_at, c.created_at)
    from public.channels c left join private.channel_credentials k on k.channel_id = c.id where c.id = p_channel);
end
$$;
comment on function private.grant_verified_at(uuid) is
  'When Google last confirmed a channel''s permission, by giving a token for it.';

create function private.cancel_purge() returns trigger
language plpgsql set search_path = '' as $$
begin
  update public.channels set purge_at = null, purge_told_at = null, version = version + 1
  where id = new.channel_id and purge_at is not null and state <> 'erasing';
  return null;
end
$$;
create trigger channel_credentials_verified after update of refreshed_at on private.channel_credentials
  for each row when (new.refreshed_at is distinct from old.refreshed_at) execute function private.cancel_purge();

create function private.erase_orphans() returns integer
language plpgsql set search_path = '' as $$
declare
  v_channel uuid;
  v_erased integer := 0;
begin
  for v_channel in
    select c.id from public.channels c
    where c.state <> 'erasing' and not exists (
      select from public.channel_members m where m.channel_id = c.id and m.role = 'owner')
    order by c.id
  loop
    perform private.begin_erase(v_channel);
    -- No request tries first.
    perform private.enqueue_step('maintenance', 'channel.erase', v_channel, v_channel);
    v_erased := v_erased + 1;
  end loop;
  return v_erased;
end
$$;
comment on function private.erase_orphans() is
  'Erases channels whose owner is gone: an account can be deleted in Supabase''s dashboard, past this product. The '
  'tokens outlive it, so the grant is ended too.';
select cron.schedule('erase-orphans', '* * * * *', 'select private.erase_orphans()');

create function private.announce_purge(p_channel public.channels, p_purge_at timestamptz) returns void
language plpgsql set search_path = '' as $$
begin
  update public.channels set purge_at = p_purge_at, purge_told_at = private.now(), version = version + 1
  where id = p_channel.id;
  perform private.log_event('channel.purge_pending', 'warning', 'channels', format(
    'Google has not confirmed the permission of "%s" for three weeks. Connect the channel again before %s UTC; '
    'otherwise everything stored '
    'about it is erased then, as YouTube''s rules demand. GET /api/me/export takes it out.',
    p_channel.title, to_char(p_purge_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI')),
    jsonb_build_object('channel_id', p_channel.id, 'purge_at', p_purge_at), m.user_id)
  from public.channel_members m where m.channel_id = p_channel.id and m.role = 'owner';
  perform private.emit_channel('channel.purge_pending', p_channel, jsonb_build_object('purge_at', p_purge_at));
end
$$;

create function private.purge_unverified() returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_now timestamptz := private.now();
  v_id uuid;
  v_channel public.channels;
  v_verified timestamptz;
  v_told integer := 0;
  v_purged integer := 0;
  v_videos integer;
  v_snapshots integer := 0;
begin
  for v_id in
    select c.id from public.channels c
    where c.state <> 'erasing' and private.grant_verified_at(c.id) <= v_now - interval '22 days'
    order by c.id
  loop
    -- What was true when the list was made may be over: each channel is locked and read again, its steps first.
    perform from private.steps where channel_id = v_id order by id for no key update;
    select * into v_channel from public.channels where id = v_id for no key update;
    -- Whoever renews the permission at this moment holds it, and is not waited for with the channel in hand.
    continue when exists (select from private.channel_credentials where channel_id = v_id)
      and not exists (select from private.channel_credentials where channel_id = v_id for no key update skip locked);
    v_verified := private.grant_verified_at(v_id);
    continue when v_channel.id is null or v_channel.state = 'erasing' or v_verified > v_now - interval '22 days';
    if v_channel.purge_told_at is null then
      -- The synchronisation asks Google for a token. Step before channel, as everywhere.
      if v_channel.state = 'connected' and (v_channel.features ->> 'read')::boolean then
        perform private.enqueue_step('sync', 'channel.sync', v_channel.id, v_channel.id);
      end if;
      -- Nobody is erased without a day's notice, not even after the deployment itself stood still for weeks.
      perform private.announce_purge(v_channel, greatest(v_verified + interval '29 days', v_now + interval '24 hours'));
      v_told := v_told + 1;
    elsif v_channel.purge_at <= v_now then
      perform private.log_event('channel.purged', 'warning', 'channels',
        'Google did not confirm the permission of one of your channels for a month, so everything stored about it is '
        'erased.', '{}', m.user_id)
      from public.channel_members m where m.channel_id = v_channel.id and m.role = 'owner';
      perform private.begin_erase(v_channel.id);
      v_purged := v_purged + 1;
    end if;
  end loop;
  -- Videos that are no longer on YouTube, and such as could not be read again although it was tried.
  delete from public.videos v using public.channels c
  where c.id = v.channel_id and c.state <> 'erasing' and (
    v.gone_at <= v_now - interval '29 days'
    or (v.gone_at is null and v.counted_at <= v_now - interval '29 days' and c.state = 'connected' and not exists (
      select from private.steps s where s.kind = 'channel.sync' and s.subject_id = c.id
        and (s.state = 'running' or (s.state = 'waiting' and s.due_at <= v_now)))));
  get diagnostics v_videos = row_count;
  -- Statistics are kept for longer only where YouTube has agreed to it.
  if private.setting('derived_metrics_accepted_at') is null then
    delete from public.video_snapshots where read_at <= v_now - interval '29 days';
    get diagnostics v_snapshots = row_count;
  end if;
  return jsonb_build_object('told', v_told, 'purged', v_purged, 'videos', v_videos, 'snapshots', v_snapshots);
end
$$;
comment on function private.purge_unverified() is
  'Erases what can no longer be verified within thirty days: channels whose permission Google has not confirmed for '
  '29 (their owners are told a week before), videos that are gone or could not be read again for 29 and, until the '
  'derived-metrics amendment is accepted, counters of more than 29 days.';
select cron.schedule('purge-unverified', '23 * * * *', 'select private.purge_unverified()');

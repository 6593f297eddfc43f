-- Erasing a channel or a user, without a trace.

create function private.forget_channel(p_channel uuid) returns void
language plpgsql set search_path = '' as $$
declare
  v_members uuid[] := array(select user_id from public.channel_members where channel_id = p_channel);
  v_objects text[] := array(
    select p_channel::text
    union all select id::text from public.generated_content where channel_id = p_channel
    union all select id::text from public.renders where channel_id = p_channel
    union all select id::text from public.scheduled_uploads where channel_id = p_channel);
begin
  -- Lines of the log name what they are about, and stored answers repeat it: no foreign key takes those along.
  delete from public.system_logs l
  where (l.user_id is null or l.user_id = any (v_members))
    and exists (select from jsonb_each_text(l.details) d where d.value = any (v_objects));
  delete from private.idempotency_keys k
  where k.user_id = any (v_members) and strpos(k.answer::text, p_channel::text) > 0;
end
$$;
comment on function private.forget_channel(uuid) is
  'What refers to a channel without a foreign key goes before the channel does: lines of the log, stored answers. '
  'The rest cascades.';

create function private.settle_channel(p_channel uuid) returns void
language plpgsql set search_path = '' as $$
declare
  v_content public.generated_content;
  v_render public.renders;
  v_known bigint;
begin
  -- What was set aside for work that is deleted would be held for ever, or be free again although it was billed.
  for v_content in
    select * from public.generated_content
    where channel_id = p_channel and status = 'generating' order by id for no key update
  loop
    select coalesce(sum(cost_micros), 0) into v_known from private.generation_calls where content_id = v_content.id;
    perform private.settle_generation(v_content, greatest(v_known, v_content.reserved_micros), 0, 0);
  end loop;
  for v_render in
    select * from public.renders where channel_id = p_channel and cost_basis = 'reserved' order by id for no key update
  loop
    perform private.settle_render(v_render, case v_render.state when 'requested' then 'none' else 'estimated' end);
  end loop;
end
$$;
comment on function private.settle_channel(uuid) is
  'Ends the reservations of a channel''s generations and renders before they are deleted: what may have been billed '
  'counts as spent, what was never sent is given back.';

create function private.begin_erase(p_channel uuid) returns void
language plpgsql set search_path = '' as $$
declare
  v_step record;
begin
  -- Steps before their channel, as everywhere.
  perform from private.steps where channel_id = p_channel order by id for no key update;
  update public.channels set state = 'erasing', state_reason = 'erasing', version = version + 1
  where id = p_channel and state <> 'erasing';
  for v_step in select kind, subject_id from private.steps
    where channel_id = p_channel and kind <> 'channel.erase' and state in ('waiting', 'running')
  loop
    perform private.cancel_step(v_step.kind, v_step.subject_id);
  end loop;
  -- The request tries at once; this is for what it cannot finish.
  perform private.enqueue_step('maintenance', 'channel.erase', p_channel, p_channel, interval '15 seconds');
end
$$;

create function engine.credentials_to_revoke(p_channel uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(
    (select jsonb_build_object('channel_id', c.id, 'state', c.state, 'owner_id', k.owner_id,
      'refresh_token', k.refresh_token)
     from public.channels c left join private.channel_credentials k on k.channel_id = c.id where c.id = p_channel),
    jsonb_build_object('channel_id', p_channel))
$$;

create function engine.begin_erase_channel(p_user uuid, p_channel uuid, p_version bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_channel public.channels;
begin
  perform private.require_role(p_user, p_channel, array['owner']);
  perform from private.steps where channel_id = p_channel order by id for no key update;
  select * into v_channel from public.channels where id = p_channel for no key update;
  perform private.require_version(p_version, v_channel.version,
    'The channel has changed since you read it. Read it again and repeat the request.');
  perform private.begin_erase(p_channel);
  return engine.credentials_to_revoke(p_channel);
end
$$;
comment on function engine.begin_erase_channel(uuid, uuid, bigint) is
  'Stops all work on a channel, marks it as being erased and queues the rest. Answers with the encrypted token to '
  'revoke.';

create function private.finish_erase_user(p_user uuid) returns boolean
language plpgsql set search_path = '' as $$
begin
  if not exists (select from public.users where id = p_user and erasing_at is not null)
     or exists (
       select from public.channels c join public.channel_members m on m.channel_id = c.id
       where m.user_id = p_user and m.role = 'owner' and c.state = 'erasing')
  then
    return false;
  end if;
  delete from auth.users where id = p_user;
  return true;
end
$$;
comment on function private.finish_erase_user(uuid) is
  'Deletes the account of a user who asked for it, once no channel of theirs is left; everything else goes with it.';

create function engine.erase_channel(p_channel uuid, p_revoked boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_owners uuid[];
  v_owner uuid;
begin
  v_owners := array(select user_id from public.channel_members where channel_id = p_channel and role = 'owner');
  -- Steps before their channel, as everywhere.
  perform from private.steps where channel_id = p_channel order by id for no key update;
  if not exists (select from public.channels where id = p_channel and state = 'erasing' for no key update) then
    return jsonb_build_object('erased', false);
  end if;
  perform private.settle_channel(p_channel);
  perform private.forget_channel(p_channel);
  delete from public.channels where id = p_channel;
  perform private.cancel_step('channel.erase', p_channel);
  delete from private.steps where channel_id = p_channel;
  foreach v_owner in array v_owners loop
    -- Without the channel's id: the line is about the user's wish, and nothing that refers to the channel stays.
    perform private.log_event('channel.erased', 'info', 'channels',
      'A channel and everything stored about it was erased.', jsonb_build_object('revoked', p_revoked), v_owner);
    perform private.finish_erase_user(v_owner);
  end loop;
  return jsonb_build_object('erased', true);
end
$$;
comment on function engine.erase_channel(uuid, boolean) is
  'Deletes a channel that is being erased, and everything that hangs on it. p_revoked: whether Google confirmed the '
  'end of the grant.';

create function engine.begin_erase_user(p_user uuid, p_version bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_user public.users;
  v_channel uuid;
  v_channels jsonb := '[]';
begin
  select * into v_user from public.users where id = p_user for no key update;
  perform private.require_found(v_user.id);
  perform private.require_version(p_version, v_user.version,
    'Your profile has changed since you read it. Read it again and repeat the request.');
  update public.users set erasing_at = coalesce(erasing_at, private.now()) where id = p_user;
  for v_channel in select channel_id from public.channel_members where user_id = p_user and role = 'owner' loop
    perform private.begin_erase(v_channel);
    v_channels := v_channels || jsonb_build_array(engine.credentials_to_revoke(v_channel));
  end loop;
  return jsonb_build_object('channels', v_channels, 'erased', private.finish_erase_user(p_user));
end
$$;
comment on function engine.begin_erase_user(uuid, bigint) is
  'Marks a user and every channel they own as being erased. Answers with the encrypted tokens to revoke; a user '
  'without channels is gone at once.';

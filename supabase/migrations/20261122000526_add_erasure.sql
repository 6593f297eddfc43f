-- Erasing a channel or a user, without a trace.

create table private.channel_erasures (
  channel_id uuid not null,
  revoked boolean not null,
  log_id bigint not null default 0,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint channel_erasures_pkey primary key (channel_id),
  constraint channel_erasures_channel_id_fkey foreign key (channel_id) references public.channels (id) on delete cascade
);
comment on table private.channel_erasures is
  'How far the erasure of a channel has come that is too large for one statement. Goes with the channel.';
comment on column private.channel_erasures.revoked is 'Whether Google confirmed the end of the grant.';
comment on column private.channel_erasures.log_id is
  'Up to which line the log has been searched for what names the channel.';
create trigger channel_erasures_touch before update on private.channel_erasures
  for each row execute function private.touch_updated_at();
alter table private.channel_erasures enable row level security;

create function private.forget_log_lines(p_channel uuid, p_lines integer) returns boolean
language plpgsql set search_path = '' as $$
declare
  v_after bigint := (select log_id from private.channel_erasures where channel_id = p_channel);
  v_members uuid[] := array(select user_id from public.channel_members where channel_id = p_channel);
  v_last bigint;
  v_lines integer;
begin
  select max(id), count(*) into v_last, v_lines
  from (select id from public.system_logs where id > v_after order by id limit p_lines) part;
  delete from public.system_logs l
  where l.id > v_after and l.id <= v_last and (l.user_id is null or l.user_id = any (v_members))
    and exists (select from jsonb_each_text(l.details) d where d.value in (
      select p_channel::text
      union all select id::text from public.generated_content where channel_id = p_channel
      union all select id::text from public.renders where channel_id = p_channel
      union all select id::text from public.scheduled_uploads where channel_id = p_channel));
  update private.channel_erasures set log_id = coalesce(v_last, log_id) where channel_id = p_channel;
  return v_lines = p_lines;
end
$$;
comment on function private.forget_log_lines(uuid, integer) is
  'Looks through the next lines of the log and deletes those that name a channel or what belongs to it: no foreign key '
  'takes those along. True while there may be more.';

create function private.forget_rows(p_table regclass, p_column text, p_id uuid, p_rows integer) returns boolean
language plpgsql set search_path = '' as $$
declare
  v_deleted integer;
begin
  execute format(
    'delete from %1$s where ctid = any (array(select ctid from %1$s where %2$I = $1 limit $2))', p_table, p_column)
  using p_id, p_rows;
  get diagnostics v_deleted = row_count;
  return v_deleted = p_rows;
end
$$;
comment on function private.forget_rows(regclass, text, uuid, integer) is
  'Deletes some rows whose column holds an id, and what hangs on them. True while there may be more.';

create function private.forget_channel(p_channel uuid) returns boolean
language plpgsql set search_path = '' as $$
begin
  -- The log before what its lines name. A video takes its snapshots along, some hundred of them.
  if private.forget_log_lines(p_channel, 10000)
     or private.forget_rows('public.videos', 'channel_id', p_channel, 100)
     or private.forget_rows('public.webhook_deliveries', 'channel_id', p_channel, 5000) then
    return true;
  end if;
  delete from private.idempotency_keys k
  where k.user_id in (select user_id from public.channel_members where channel_id = p_channel)
    and strpos(k.answer::text, p_channel::text) > 0;
  return false;
end
$$;
comment on function private.forget_channel(uuid) is
  'Deletes a part of what is stored about a channel, as much as fits into a second: what refers to it without a '
  'foreign key, and what there may be very much of. True while there may be more; the rest goes with the channel.';

create function private.settle_channel(p_channel uuid) returns void
language plpgsql set search_path = '' as $$
declare
  v_content public.generated_content;
  v_render public.renders;
begin
  -- What was set aside for work that is deleted would be held for ever, or be free again although it was billed.
  for v_content in
    select * from public.generated_content
    where channel_id = p_channel and state = 'generating' order by id for no key update
  loop
    perform private.give_up_generation(v_content);
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
  'counts as spent, what was never sent is given back. Each part of an erasure does it, for what came in between.';

create function private.begin_erase(p_channel uuid) returns void
language plpgsql set search_path = '' as $$
declare
  v_step record;
  v_upload public.scheduled_uploads;
begin
  -- Steps before their channel, as everywhere. Then nothing new comes in (private.hold_channel).
  perform from private.steps where channel_id = p_channel order by id for no key update;
  perform from public.channels where id = p_channel for no key update;
  -- While the permission is there: afterwards nobody could take a video off its schedule.
  for v_upload in
    select * from public.scheduled_uploads
    where channel_id = p_channel and state not in ('published', 'cancelled', 'failed')
    order by publish_at, id for no key update
  loop
    if v_upload.intent = 'publish' then
      perform private.withdraw_upload(v_upload);
    end if;
  end loop;
  update public.channels set state = 'erasing', state_reason = 'erasing', version = version + 1
  where id = p_channel and state <> 'erasing';
  for v_step in select kind, subject_id from private.steps
    where channel_id = p_channel and kind not in ('channel.erase', 'upload.advance') and state in ('waiting', 'running')
  loop
    perform private.cancel_step(v_step.kind, v_step.subject_id);
  end loop;
  -- The request tries at once; this is for what it cannot finish.
  perform private.enqueue_step('maintenance', 'channel.erase', p_channel, p_channel, interval '15 seconds');
end
$$;

create function private.withdrawing(p_channel uuid) returns boolean
language sql stable set search_path = '' as $$
  select exists (
    select from public.scheduled_uploads
    where channel_id = p_channel and state not in ('published', 'cancelled', 'failed', 'needs_attention')
      and (withdrawal_notice_at is null or publish_at > private.now() - interval '1 hour'))
$$;
comment on function private.withdrawing(uuid) is
  'Whether uploads of a channel are still to be withdrawn. Not waited for: those that YouTube refuses to let go, and '
  'those whose time has passed without its answer.';

create function private.is_grant_shared(p_channel uuid) returns boolean
language sql stable set search_path = '' as $$
  select exists (
    select from private.channel_credentials mine
    join private.channel_credentials k
      on k.google_account = mine.google_account and k.channel_id <> mine.channel_id and k.refresh_token is not null
    join public.channels c on c.id = k.channel_id
    where mine.channel_id = p_channel
      and (c.state = 'connected' or (c.state = 'erasing' and private.withdrawing(c.id))))
$$;
comment on function private.is_grant_shared(uuid) is
  'Whether another channel here lives on the Google account of this one, whoever connected it: ending one token would '
  'end its permission, too. Of channels that are erased together the last one ends the grant.';

create function engine.credentials_to_revoke(p_channel uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(
    (select jsonb_build_object('channel_id', c.id, 'state', c.state, 'owner_id', k.owner_id,
      'refresh_token', k.refresh_token, 'withdrawing', private.withdrawing(c.id),
      'shared', private.is_grant_shared(c.id))
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

create function private.finish_erase_user(p_user uuid) returns text
language plpgsql set search_path = '' as $$
begin
  if not exists (select from public.users where id = p_user and erasing_at is not null) then
    return 'gone';
  elsif exists (
    select from public.channels c join public.channel_members m on m.channel_id = c.id
    where m.user_id = p_user and m.role = 'owner' and c.state = 'erasing')
  then
    return 'waits';
  elsif private.forget_rows('public.system_logs', 'user_id', p_user, 10000)
     or private.forget_rows('public.webhook_deliveries', 'user_id', p_user, 5000) then
    perform private.enqueue_step('maintenance', 'user.erase', p_user, null);
    return 'more';
  end if;
  delete from auth.users where id = p_user;
  perform private.cancel_step('user.erase', p_user);
  delete from private.steps where kind = 'user.erase' and subject_id = p_user;
  return 'gone';
end
$$;
comment on function private.finish_erase_user(uuid) is
  'Deletes the account of a user who asked for it, once no channel of theirs is left, and everything that goes with '
  'it: `gone`. Else it `waits` for a channel, or there is `more` than fits into a second, and a step is due that goes '
  'on.';

create function engine.erase_user(p_user uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform private.lock_step('user.erase', p_user);
  return jsonb_build_object('more', private.finish_erase_user(p_user) = 'more');
end
$$;
comment on function engine.erase_user(uuid) is
  'Deletes a part of what is stored about a user who is being erased, and at last the account itself.';

create function engine.erase_channel(p_channel uuid, p_revoked boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_revoked boolean;
  v_owner uuid;
  v_owners uuid[];
  v_not_withdrawn integer;
begin
  v_owners := array(select user_id from public.channel_members where channel_id = p_channel and role = 'owner');
  v_not_withdrawn := coalesce(jsonb_array_length(private.not_withdrawn(p_channel)), 0);
  -- Steps before their channel, as everywhere.
  perform from private.steps where channel_id = p_channel order by id for no key update;
  if not exists (select from public.channels where id = p_channel and state = 'erasing' for no key update) then
    return jsonb_build_object('erased', false, 'more', false);
  end if;
  insert into private.channel_erasures (channel_id, revoked) values (p_channel, p_revoked)
  on conflict on constraint channel_erasures_pkey do nothing;
  -- What is left of the grant is of no use any more, and the next part must not ask Google again.
  delete from private.channel_credentials where channel_id = p_channel;
  perform private.settle_channel(p_channel);
  if private.forget_channel(p_channel) then
    return jsonb_build_object('erased', false, 'more', true);
  end if;
  select revoked into v_revoked from private.channel_erasures where channel_id = p_channel;
  delete from public.channels where id = p_channel;
  perform private.cancel_step('channel.erase', p_channel);
  delete from private.steps where channel_id = p_channel;
  foreach v_owner in array v_owners loop
    -- Without the channel's id: the line is about the user's wish, and nothing that refers to the channel stays.
    perform private.log_event('channel.erased', 'info', 'channels',
      'A channel and everything stored about it was erased.',
      jsonb_build_object('revoked', v_revoked, 'not_withdrawn', v_not_withdrawn), v_owner);
    perform private.finish_erase_user(v_owner);
  end loop;
  return jsonb_build_object('erased', true, 'more', false);
end
$$;
comment on function engine.erase_channel(uuid, boolean) is
  'Deletes a part of a channel that is being erased and of everything that hangs on it, and at last the channel '
  'itself. p_revoked: whether Google confirmed the end of the grant; the first part decides.';

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
  return jsonb_build_object('channels', v_channels, 'erased', private.finish_erase_user(p_user) = 'gone');
end
$$;
comment on function engine.begin_erase_user(uuid, bigint) is
  'Marks a user and every channel they own as being erased. Answers with the encrypted tokens to revoke; a user '
  'without channels is gone at once.';

create function private.reconcile_erasures() returns integer
language plpgsql set search_path = '' as $$
declare
  v_row record;
  v_resumed integer := 0;
begin
  for v_row in
    select e.kind, e.subject, e.channel, s.id as step
    from (
      select 'channel.erase' as kind, id as subject, id as channel from public.channels where state = 'erasing'
      union all
      select 'user.erase', u.id, null from public.users u where u.erasing_at is not null and not exists (
        select from public.channel_members m join public.channels c on c.id = m.channel_id
        where m.user_id = u.id and m.role = 'owner' and c.state = 'erasing')) e
    left join private.steps s on s.kind = e.kind and s.subject_id = e.subject
    where s.id is null or (s.state in ('done', 'dead') and s.updated_at < clock_timestamp() - interval '10 minutes')
    order by s.id
  loop
    perform private.enqueue_step('maintenance', v_row.kind, v_row.subject, v_row.channel);
    perform pgmq.delete('dead', msg_id) from pgmq.q_dead where message ->> 'step' = v_row.step::text;
    v_resumed := v_resumed + 1;
  end loop;
  return v_resumed;
end
$$;
comment on function private.reconcile_erasures() is
  'Takes up again every erasure that nothing is going on with: one whose step was dead-lettered above all, because '
  'nobody may wait for ever to be forgotten.';
select cron.schedule('reconcile-erasures', '*/10 * * * *', 'select private.reconcile_erasures()');

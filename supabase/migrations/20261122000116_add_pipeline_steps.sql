-- Work that is done outside of requests: one row for each kind and subject, and a queue that tells when.

do $$
begin
  if not exists (select from pg_catalog.pg_namespace where nspname = 'pgmq') then
    create extension pgmq;
  end if;
end
$$;

-- `notify` is of its own, so that a backlog of synchronisations does not hold up the news.
select pgmq.create(q) from unnest(array['sync', 'score', 'render', 'publish', 'notify', 'maintenance', 'dead']) as q;

create table private.steps (
  id uuid not null default gen_random_uuid(),
  queue text not null,
  kind text not null,
  subject_id uuid not null,
  channel_id uuid,
  state text not null default 'waiting',
  message_id bigint,
  due_at timestamptz not null,
  attempts integer not null default 0,
  claims bigint not null default 0,
  max_attempts integer not null default 8,
  fence bigint not null default 0,
  claimed_by text,
  lease_until timestamptz,
  run_again boolean not null default false,
  reason text,
  last_error jsonb,
  request_id text,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint steps_pkey primary key (id),
  constraint steps_kind_subject_id_key unique (kind, subject_id),
  constraint steps_queue_check check (queue in ('sync', 'score', 'render', 'publish', 'notify', 'maintenance')),
  constraint steps_state_check check (state in ('waiting', 'running', 'done', 'dead'))
);
comment on table private.steps is
  'Pipeline work, at least once: one row for each kind and subject. The queue''s message carries only this row''s '
  'id; what is to be done is decided from the subject''s own state.';
comment on column private.steps.attempts is
  'Counted by the claim, so an attempt that kills its process counts too. Waiting gives it back.';
comment on column private.steps.claims is 'All claims ever, waiting included.';
comment on column private.steps.fence is
  'Fencing token: grows with every claim; a write that carries an older one is refused.';
comment on column private.steps.request_id is
  'The request that last made this step due, through whatever steps came between; null for the scheduler''s own.';
comment on column private.steps.run_again is 'Somebody asked for this step while it was running.';
create index steps_due_at_idx on private.steps (due_at) where state in ('waiting', 'running');
create index steps_channel_id_idx on private.steps (channel_id);
create trigger steps_touch before update on private.steps for each row execute function private.touch_updated_at();
alter table private.steps enable row level security;

create index steps_dead_idx on private.steps (updated_at desc, id) where state = 'dead';
create index steps_running_idx on private.steps (lease_until) where state = 'running';

create function private.enqueue_step(
  p_queue text, p_kind text, p_subject uuid, p_channel uuid, p_after interval default interval '0'
) returns uuid
language plpgsql set search_path = '' as $$
declare
  v_step private.steps;
  v_due timestamptz := private.now() + greatest(p_after, interval '0');
  v_visible timestamptz := clock_timestamp() + greatest(p_after, interval '0');
  v_request text := private.request_id();
  v_id uuid;
  v_message bigint;
begin
  loop
    select * into v_step from private.steps where kind = p_kind and subject_id = p_subject for no key update;
    exit when found;
    -- The id and the message come first, so that the row is written once.
    v_id := gen_random_uuid();
    v_message := pgmq.send(p_queue, jsonb_build_object('step', v_id), null::jsonb, v_visible);
    insert into private.steps (id, queue, kind, subject_id, channel_id, message_id, due_at, request_id)
    values (v_id, p_queue, p_kind, p_subject, p_channel, v_message, v_due, v_request)
    on conflict on constraint steps_kind_subject_id_key do nothing;
    if found then
      return v_id;
    end if;
    -- Somebody else made the step at this moment.
    perform pgmq.delete(p_queue, v_message);
  end loop;
  if v_step.state = 'running' then
    update private.steps set run_again = true, request_id = coalesce(v_request, request_id) where id = v_step.id;
  elsif v_step.state = 'waiting' and v_step.due_at <= v_due then
    null;
  elsif v_step.state = 'waiting' then
    update private.steps set due_at = v_due, request_id = coalesce(v_request, request_id) where id = v_step.id;
    perform pgmq.set_vt(v_step.queue, v_step.message_id, ceil(greatest(0, extract(epoch from p_after)))::integer);
  else
    v_message := pgmq.send(p_queue, jsonb_build_object('step', v_step.id), null::jsonb, v_visible);
    update private.steps
    set state = 'waiting', due_at = v_due, attempts = 0, last_error = null, reason = null, run_again = false,
        request_id = v_request,
      message_id = v_message
    where id = v_step.id;
  end if;
  return v_step.id;
end
$$;
comment on function private.enqueue_step(text, text, uuid, uuid, interval) is
  'Makes a step due, inside the transaction that changes its subject. Idempotent: an earlier due time wins; a '
  'running step runs again.';

create function private.lock_step(p_kind text, p_subject uuid) returns void
language plpgsql set search_path = '' as $$
begin
  perform from private.steps where kind = p_kind and subject_id = p_subject for no key update;
end
$$;
comment on function private.lock_step(text, uuid) is
  'First line of every request that makes a step due after it has locked the step''s subject: a running step holds '
  'itself first and its subject second, and two orders would deadlock.';

create function private.cancel_step(p_kind text, p_subject uuid) returns void
language plpgsql set search_path = '' as $$
declare
  v_step private.steps;
begin
  select * into v_step from private.steps where kind = p_kind and subject_id = p_subject for no key update;
  if v_step.id is null or v_step.state in ('done', 'dead') then
    return;
  end if;
  -- The fence moves on, so that a worker in the middle of the step finds its writes refused.
  update private.steps set state = 'done', fence = fence + 1, run_again = false, reason = 'cancelled'
  where id = v_step.id;
  perform pgmq.archive(v_step.queue, v_step.message_id);
end
$$;

create function private.assert_claim(p_step uuid, p_fence bigint) returns void
language plpgsql set search_path = '' as $$
begin
  perform from private.steps where id = p_step and fence = p_fence and state = 'running' for no key update;
  if not found then
    perform private.refuse(409, 'stale_fence', 'This claim has been taken over.');
  end if;
end
$$;
comment on function private.assert_claim(uuid, bigint) is
  'First line of every write that a step makes: locks the step and refuses a claim that is no longer the newest.';

create function private.dead_letter(p_step private.steps, p_error jsonb) returns void
language plpgsql set search_path = '' as $$
declare
  v_hook text := 'on_dead_' || replace((p_step).kind, '.', '_');
begin
  update private.steps
  set state = 'dead', last_error = p_error, lease_until = null, claimed_by = null
  where id = (p_step).id;
  perform pgmq.send('dead', jsonb_build_object('step', (p_step).id, 'error', p_error));
  perform pgmq.archive((p_step).queue, (p_step).message_id);
  if exists (
    select from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'private' and p.proname = v_hook
  ) then
    execute format('select private.%I($1, $2)', v_hook) using (p_step).subject_id, p_error;
  end if;
end
$$;
comment on function private.dead_letter(private.steps, jsonb) is
  'Dead-letters a step and, through private.on_dead_<kind>, moves its subject to the state that tells the user.';

create function private.has_message(p_queue text) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  case p_queue
    when 'publish' then return exists (select from pgmq.q_publish where vt <= clock_timestamp());
    when 'render' then return exists (select from pgmq.q_render where vt <= clock_timestamp());
    when 'notify' then return exists (select from pgmq.q_notify where vt <= clock_timestamp());
    when 'sync' then return exists (select from pgmq.q_sync where vt <= clock_timestamp());
    when 'score' then return exists (select from pgmq.q_score where vt <= clock_timestamp());
    when 'maintenance' then return exists (select from pgmq.q_maintenance where vt <= clock_timestamp());
  end case;
end
$$;
comment on function private.has_message(text) is
  'Whether a queue has a message to be read. pgmq.read plans its statement anew at each call, which for an empty '
  'queue is all the work there is.';
select cron.schedule('prune-queue-archives', '20 3 * * *', $$
  delete from pgmq.a_sync where archived_at < now() - interval '7 days';
  delete from pgmq.a_score where archived_at < now() - interval '7 days';
  delete from pgmq.a_render where archived_at < now() - interval '7 days';
  delete from pgmq.a_publish where archived_at < now() - interval '7 days';
  delete from pgmq.a_notify where archived_at < now() - interval '7 days';
  delete from pgmq.a_maintenance where archived_at < now() - interval '7 days'$$);

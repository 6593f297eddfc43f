-- How workers take steps, hold them and end them.

create table private.heartbeats (
  name text not null,
  worker text,
  beat_at timestamptz,
  constraint heartbeats_pkey primary key (name)
);
comment on table private.heartbeats is
  'When work was last done, so that health can report work and not merely a process that is up.';
alter table private.heartbeats enable row level security;
insert into private.heartbeats (name) values ('dispatch'), ('reconcile');

create function private.read_messages(
  p_queue text, p_seconds integer, p_limit integer, p_of_one integer, p_worker text
) returns table (message_id bigint, step_id uuid)
language plpgsql set search_path = '' as $$
declare
  -- Others may be reading, too.
  v_window integer := 4 * p_limit;
  v_messages bigint[];
  v_steps uuid[];
  v_firsts integer;
  v_is_full boolean;
begin
  loop
    execute format($query$
      with seen as (
        select m.msg_id, (m.message ->> 'step')::uuid as step_id from pgmq.%I m
        where m.vt <= clock_timestamp() order by m.vt limit $1
      ), busy as (
        select s.channel_id, count(*) as held from private.steps s
        where s.state = 'running' and s.claimed_by = $2 group by s.channel_id
      ), turns as (
        select seen.*, coalesce(b.held, 0) + row_number() over (
          partition by coalesce(s.channel_id, s.subject_id, seen.step_id) order by s.due_at, seen.msg_id) as turn
        from seen left join private.steps s on s.id = seen.step_id left join busy b on b.channel_id = s.channel_id
      )
      select array_agg(msg_id order by turn, msg_id) filter (where turn <= $3),
        array_agg(step_id order by turn, msg_id) filter (where turn <= $3),
        count(*) filter (where turn = 1), count(*) = $1 from turns
    $query$, 'q_' || p_queue) into v_messages, v_steps, v_firsts, v_is_full using v_window, p_worker, p_of_one;
    exit when not v_is_full or v_firsts >= p_limit or v_window > 8192
      or (cardinality(v_messages) >= p_limit and v_window >= 32 * p_limit);
    -- A backlog of channels that have enough hides nobody.
    v_window := 8 * v_window;
  end loop;
  return query execute format($query$
    with taken as (
      select m.msg_id, t.step_id from unnest($1, $2) with ordinality as t (msg_id, step_id, place)
      join pgmq.%1$I m on m.msg_id = t.msg_id
      where m.vt <= clock_timestamp() order by t.place limit $3 for update of m skip locked
    )
    update pgmq.%1$I m set vt = clock_timestamp() + make_interval(secs => $4), read_ct = m.read_ct + 1
    from taken t where m.msg_id = t.msg_id returning m.msg_id, t.step_id
  $query$, 'q_' || p_queue) using v_messages, v_steps, p_limit, p_seconds;
end
$$;
comment on function private.read_messages(text, integer, integer, integer, text) is
  'Reads what is due of a queue, as pgmq.read does, but in turns: a step of each channel before the second of any, and '
  'no channel has more than p_of_one at this worker. What is longest due comes first.';

create function engine.claim_steps(p_worker text, p_queues text[], p_limit integer, p_lease_seconds integer)
returns table (
  step_id uuid, fence bigint, kind text, subject_id uuid, channel_id uuid, attempt integer,
  late_seconds double precision, request_id text
)
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  v_now timestamptz := private.now();
  v_queue text;
  v_messages bigint[];
  v_steps uuid[];
  v_claimed bigint[];
  v_message record;
  v_step private.steps;
  v_left integer := p_limit;
  v_places integer;
  v_others integer;
  v_limit integer;
begin
  -- A quarter of the worker's places is for publishing alone, and half of them at the most for one channel.
  select p_limit + count(*), count(*) filter (where queue <> 'publish') into v_places, v_others
  from private.steps where state = 'running' and claimed_by = p_worker;
  foreach v_queue in array p_queues loop
    exit when v_left <= 0;
    v_limit := case v_queue when 'publish' then v_left else least(v_left, v_places - v_places / 4 - v_others) end;
    continue when v_limit <= 0 or not private.has_message(v_queue);
    v_claimed := '{}';
    select array_agg(m.message_id), array_agg(m.step_id) into v_messages, v_steps
    from private.read_messages(v_queue, p_lease_seconds, v_limit, (v_places + 1) / 2, p_worker) m;
    -- Whoever holds a step goes on to its message; a claim holds the message, and so must not wait for the step.
    for v_step in
      with free as (
        select s.id from unnest(v_messages, v_steps) as m (message_id, step_id)
        join private.steps s on s.id = m.step_id and s.message_id = m.message_id
        where s.state in ('waiting', 'running') and s.attempts < s.max_attempts
        for no key update of s skip locked
      )
      update private.steps s
      set state = 'running', attempts = s.attempts + 1, claims = s.claims + 1, fence = s.fence + 1,
          claimed_by = p_worker, lease_until = v_now + make_interval(secs => p_lease_seconds), run_again = false
      from free f where s.id = f.id
      returning s.*
    loop
      v_claimed := v_claimed || v_step.message_id;
      v_left := v_left - 1;
      v_others := v_others + (v_queue <> 'publish')::integer;
      step_id := v_step.id;
      fence := v_step.fence;
      kind := v_step.kind;
      subject_id := v_step.subject_id;
      channel_id := v_step.channel_id;
      attempt := v_step.attempts;
      late_seconds := extract(epoch from (v_now - v_step.due_at));
      request_id := v_step.request_id;
      return next;
    end loop;
    -- What is left was done or given up before its message was read, has used up its attempts, or is held now.
    for v_message in
      select m.id, m.step_id from unnest(v_messages, v_steps) as m (id, step_id) where m.id <> all (v_claimed)
    loop
      select * into v_step from private.steps s where s.id = v_message.step_id and s.message_id = v_message.id
      for no key update skip locked;
      if v_step.state in ('waiting', 'running') and v_step.attempts >= v_step.max_attempts then
        perform private.dead_letter(v_step, coalesce(v_step.last_error, '{}') || jsonb_build_object(
          'code', 'attempts_exhausted', 'attempts', v_step.attempts));
      elsif exists (
        select from private.steps s
        where s.id = v_message.step_id and s.message_id = v_message.id and s.state in ('waiting', 'running'))
      then
        perform pgmq.set_vt(v_queue, v_message.id, 1);
      else
        perform pgmq.archive(v_queue, v_message.id);
      end if;
    end loop;
  end loop;
  -- Once a second: the row would otherwise make every worker wait for the others' commits.
  update private.heartbeats set beat_at = v_now, worker = p_worker
  where name in (
    select h.name from private.heartbeats h
    where h.name = 'dispatch' and (h.beat_at between v_now - interval '1 second' and v_now) is not true
    for no key update skip locked);
end
$$;
comment on function engine.claim_steps(text, text[], integer, integer) is
  'Claims due steps under a lease, in turns of the channels. Counts the attempt and moves the fence on in the same '
  'statement; a step that has used all its attempts is dead-lettered here, even when every one of them killed its '
  'process.';

create function engine.extend_lease(p_step uuid, p_fence bigint, p_lease_seconds integer) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_step private.steps;
begin
  update private.steps set lease_until = private.now() + make_interval(secs => p_lease_seconds)
  where id = p_step and fence = p_fence and state = 'running'
  returning * into v_step;
  if v_step.id is null then
    return false;
  end if;
  perform pgmq.set_vt(v_step.queue, v_step.message_id, p_lease_seconds);
  return true;
end
$$;

create function engine.finish_step(p_step uuid, p_fence bigint, p_outcome jsonb) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_step private.steps;
  v_after double precision := coalesce((p_outcome ->> 'after_seconds')::double precision, 0);
begin
  select * into v_step from private.steps where id = p_step and fence = p_fence and state = 'running' for no key update;
  if v_step.id is null then
    return false;
  end if;
  case p_outcome ->> 'result'
    when 'done' then
      if v_step.run_again then
        v_after := 0;
        update private.steps set attempts = 0, last_error = null, reason = null where id = v_step.id;
      else
        update private.steps
        set state = 'done', lease_until = null, claimed_by = null, last_error = null, reason = null
        where id = v_step.id;
        perform pgmq.archive(v_step.queue, v_step.message_id);
        return true;
      end if;
    when 'again' then
      update private.steps set attempts = 0, reason = p_outcome ->> 'reason' where id = v_step.id;
    when 'wait' then
      update private.steps set attempts = greatest(attempts - 1, 0), reason = p_outcome ->> 'reason'
      where id = v_step.id;
    when 'retry' then
      if v_step.attempts >= v_step.max_attempts then
        perform private.dead_letter(v_step, p_outcome -> 'error');
        return true;
      end if;
      update private.steps set last_error = p_outcome -> 'error', reason = 'retry' where id = v_step.id;
    when 'give_up' then
      perform private.dead_letter(v_step, p_outcome -> 'error');
      return true;
    else
      raise exception 'unknown outcome %', p_outcome ->> 'result';
  end case;
  if v_step.run_again then
    v_after := 0;
  end if;
  update private.steps
  set state = 'waiting', due_at = private.now() + make_interval(secs => v_after), lease_until = null, claimed_by = null,
      run_again = false
  where id = v_step.id;
  perform pgmq.set_vt(v_step.queue, v_step.message_id, ceil(v_after)::integer);
  return true;
end
$$;
comment on function engine.finish_step(uuid, bigint, jsonb) is
  'Ends a claim: {"result": done | again | wait | retry | give_up, "after_seconds", "reason", "error"}. `again` is '
  'progress and resets the attempts, `wait` gives this attempt back, `retry` keeps it. False: the claim was taken '
  'over.';

create function engine.finish_and_claim(
  p_worker text, p_queues text[], p_limit integer, p_lease_seconds integer, p_ended jsonb
) returns table (
  step_id uuid, fence bigint, kind text, subject_id uuid, channel_id uuid, attempt integer,
  late_seconds double precision, request_id text
)
language plpgsql security definer set search_path = '' as $$
declare
  v_done record;
begin
  -- Most ends are plain ones, and share three statements.
  for v_done in
    with locked as (
      select s.id
      from jsonb_to_recordset(p_ended) as e (step uuid, fence bigint, outcome jsonb)
      join private.steps s on s.id = e.step and s.fence = e.fence
      where s.state = 'running' and not s.run_again and e.outcome ->> 'result' = 'done'
      order by s.id for no key update of s
    ), done as (
      update private.steps s set state = 'done', lease_until = null, claimed_by = null, last_error = null, reason = null
      from locked l where s.id = l.id
      returning s.queue, s.message_id
    )
    select d.queue, array_agg(d.message_id) as messages from done d group by d.queue
  loop
    perform pgmq.archive(v_done.queue, v_done.messages);
  end loop;
  perform engine.finish_step(o.step, o.fence, o.outcome)
  from (
    select e.step, e.fence, e.outcome
    from jsonb_to_recordset(p_ended) as e (step uuid, fence bigint, outcome jsonb)
    join private.steps s on s.id = e.step and s.fence = e.fence and s.state = 'running'
    order by e.step offset 0) o;
  return query select * from engine.claim_steps(p_worker, p_queues, p_limit, p_lease_seconds);
end
$$;
comment on function engine.finish_and_claim(text, text[], integer, integer, jsonb) is
  'Ends claims ([{"step", "fence", "outcome"}], each as engine.finish_step does) and claims due steps, in one '
  'transaction: what a dispatcher does between two steps.';

create function engine.pipeline_status() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_now timestamptz := private.now();
begin
  -- One pass, and one clock for all of its rows: a queue of a hundred thousand is looked at every few seconds.
  return (
    select jsonb_build_object(
      'due', count(*) filter (where state = 'waiting' and due_at <= v_now),
      'running', count(*) filter (where state = 'running'),
      'waiting', count(*) filter (where state = 'waiting'),
      'dead', (select count(*) from private.steps where state = 'dead'),
      'oldest_due_seconds', extract(epoch from v_now - min(due_at) filter (where state = 'waiting'
        and due_at <= v_now)),
      'next_due_seconds', extract(epoch from min(case when state = 'running' then lease_until else due_at end) - v_now),
      'last_dispatch_at', (select beat_at from private.heartbeats where name = 'dispatch'))
    from private.steps where state in ('waiting', 'running'));
end
$$;
comment on function engine.pipeline_status() is
  'What is due, what runs, when the next step is due, and when work was last claimed.';

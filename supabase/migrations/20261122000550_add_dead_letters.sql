-- Steps that used up their attempts, and what an operator does with them.

create function engine.list_failures(p_limit integer, p_before timestamptz, p_before_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(to_jsonb(f) order by f.died_at desc, f.id desc), '[]')
  from (
    select id, kind, queue, subject_id, channel_id, attempts, claims, last_error, request_id, created_at,
      updated_at as died_at
    from private.steps
    where state = 'dead' and (p_before is null or (updated_at, id) < (p_before, p_before_id))
    order by updated_at desc, id desc limit least(p_limit, 101)) f
$$;
comment on function engine.list_failures(integer, timestamptz, uuid) is
  'Dead letters, the newest first; p_before and p_before_id: the last one read.';

create function private.revive_subject(p_step private.steps) returns void
language plpgsql set search_path = '' as $$
declare
  v_upload public.scheduled_uploads;
  v_state text;
begin
  case (p_step).kind
    when 'upload.advance' then
      select * into v_upload from public.scheduled_uploads where id = (p_step).subject_id for no key update;
      if v_upload.state is distinct from 'needs_attention' then
        perform private.refuse(409, 'invalid_state',
          format('The upload stands at %s: there is nothing to try again. Discard the dead letter.',
          coalesce(v_upload.state, 'nothing, it is gone')));
      end if;
      perform private.resume_upload(v_upload);
    when 'upload.thumbnail' then
      update public.scheduled_uploads set thumbnail = 'wanted', thumbnail_error = null
      where id = (p_step).subject_id and thumbnail = 'failed';
    when 'render.advance' then
      select state into v_state from public.renders where id = (p_step).subject_id for no key update;
      if v_state is null or v_state in ('failed', 'cancelled', 'ready') then
        perform private.refuse(409, 'invalid_state',
          format('The render stands at %s: there is nothing to try again. Discard the dead letter.',
          coalesce(v_state, 'nothing, it is gone')));
      end if;
    else
      null;
  end case;
end
$$;
comment on function private.revive_subject(private.steps) is
  'Takes a dead step''s subject out of the state in which private.on_dead_<kind> left it; refuses where trying again '
  'would do nothing.';

create function engine.settle_failure(p_user uuid, p_idempotency jsonb, p_step uuid, p_action text, p_reason text)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_answer jsonb;
  v_step private.steps;
begin
  v_answer := private.begin_request(p_user, 'resolveFailure', p_idempotency);
  if v_answer is not null then
    return v_answer;
  end if;
  select * into v_step from private.steps where id = p_step for no key update;
  perform private.require_found(v_step.id);
  if v_step.state <> 'dead' then
    perform private.refuse(409, 'invalid_state',
      format('This step is no dead letter any more: it is %s.', v_step.state));
  end if;
  if p_action = 'retry' then
    perform private.revive_subject(v_step);
    perform private.enqueue_step(v_step.queue, v_step.kind, v_step.subject_id, v_step.channel_id);
  else
    update private.steps set state = 'done', reason = 'discarded' where id = v_step.id;
  end if;
  perform pgmq.delete('dead', msg_id) from pgmq.q_dead where message ->> 'step' = v_step.id::text;
  perform private.log_event(
    'failure.' || case p_action when 'retry' then 'retried' else 'discarded' end, 'info', 'admin',
    format('The dead step %s was %s.', v_step.kind,
      case p_action when 'retry' then 'put back to work' else 'discarded' end),
    jsonb_build_object('step_id', v_step.id, 'kind', v_step.kind, 'subject_id', v_step.subject_id,
      'error', v_step.last_error, 'reason', p_reason),
    p_user);
  select * into v_step from private.steps where id = p_step;
  return private.end_request(p_user, 'resolveFailure', p_idempotency,
    jsonb_build_object('id', v_step.id, 'kind', v_step.kind, 'action', p_action, 'state', v_step.state));
end
$$;
comment on function engine.settle_failure(uuid, jsonb, uuid, text, text) is
  'Puts a dead step back to work (retry) or closes it (discard), and writes down who did it and why. Only '
  'administrators get here: the functions check.';

-- What users do with renders.

create function private.lock_render(p_render uuid) returns public.renders
language plpgsql set search_path = '' as $$
declare
  v_render public.renders;
begin
  -- Step before subject, as everywhere: two orders would deadlock.
  perform private.lock_step('render.advance', p_render);
  select * into v_render from public.renders where id = p_render for no key update;
  return v_render;
end
$$;

create function engine.request_render(
  p_user uuid, p_idempotency jsonb, p_content uuid, p_content_hash text, p_request jsonb, p_credits integer,
  p_estimate_basis text, p_limits jsonb
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_answer jsonb;
  v_content public.generated_content;
  v_render public.renders;
begin
  v_answer := private.begin_request(p_user, 'createRender', p_idempotency);
  if v_answer is not null then
    return v_answer;
  end if;
  select * into v_content from public.generated_content where id = p_content;
  perform private.require_found(v_content.id);
  perform private.require_role(p_user, v_content.channel_id, array['owner', 'editor']);
  -- The channel before what goes with it: two orders would deadlock.
  perform private.hold_channel(v_content.channel_id);
  perform from public.generated_content where id = p_content for share;
  v_content := private.approved_script(v_content.channel_id, p_content);
  if v_content.approved_hash is distinct from p_content_hash then
    perform private.refuse(409, 'approval_required', 'The script has changed since this request began. Read it again.',
      '/content_id');
  end if;
  select * into v_render from public.renders
  where content_id = p_content
    and state in ('requested', 'submitting', 'submit_unknown', 'queued', 'rendering', 'timed_out_unknown');
  if v_render.id is not null then
    perform private.refuse(409, 'render_in_progress', format(
      'This script is being rendered already (%s, %s). Follow that one, or cancel it first.', v_render.id,
      v_render.state), '/content_id');
  end if;
  perform private.reserve_render(p_user, p_credits, p_limits);

  insert into public.renders (channel_id, content_id, content_hash, requested_by, request, estimated_credits,
    estimate_basis)
  values (v_content.channel_id, p_content, p_content_hash, p_user, p_request, p_credits, p_estimate_basis)
  on conflict (content_id)
    where state in ('requested', 'submitting', 'submit_unknown', 'queued', 'rendering', 'timed_out_unknown') do nothing
  returning * into v_render;
  if v_render.id is null then
    perform private.refuse(409, 'render_in_progress',
      'This script is being rendered already. Follow that one, or cancel it first.', '/content_id');
  end if;
  insert into private.render_jobs (render_id, reserved_period, reserved_day)
  values (v_render.id, private.usage_period(private.now()), (private.now() at time zone 'UTC')::date);
  perform private.enqueue_step('render', 'render.advance', v_render.id, v_render.channel_id);
  return private.end_request(p_user, 'createRender', p_idempotency, to_jsonb(v_render));
end
$$;
comment on function engine.request_render(uuid, jsonb, uuid, text, jsonb, integer, text, jsonb) is
  'Writes down what is to be rendered and what it may cost, counts it against the allowance and the budget, and '
  'makes the step due.';

create function engine.render_allowance(p_user uuid, p_limits jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_period date := private.usage_period(private.now());
  v_day date := (private.now() at time zone 'UTC')::date;
  v_limits jsonb := private.render_limits(p_limits);
begin
  return jsonb_build_object(
    'renders_per_month', private.renders_per_month(p_user, (v_limits ->> 'renders_per_month')::integer),
    'renders_used', coalesce((select renders from public.usage_counters where user_id = p_user and period = v_period),
      0),
    'renews_on', (v_period + interval '1 month')::date,
    'credits_per_render', (v_limits ->> 'credits_per_render')::integer,
    'credits_left_today', greatest(0, least(
      (v_limits ->> 'credits_per_day')::bigint
        - coalesce((select reserved + spent from private.render_budgets where day = v_day), 0),
      private.render_share(p_user, v_limits) - coalesce((
        select s.reserved + s.spent from private.render_shares s join private.usage_subjects u on u.subject = s.subject
        where u.user_id = p_user and s.day = v_day), 0))));
end
$$;
comment on function engine.render_allowance(uuid, jsonb) is
  'What the user may still render. It promises nothing: only request_render reserves.';

create function engine.cancel_render(p_user uuid, p_render uuid, p_version bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_render public.renders;
begin
  v_render := private.lock_render(p_render);
  perform private.require_found(v_render.id);
  perform private.require_role(p_user, v_render.channel_id, array['owner', 'editor']);
  perform private.require_version(p_version, v_render.version,
    'The render has changed since it was read. Read it again, then repeat the request.');
  if v_render.state = 'cancelled' then
    return to_jsonb(v_render);
  end if;
  if v_render.state in ('ready', 'failed') then
    perform private.refuse(409, 'invalid_state',
      format('This render is %s; there is nothing left to cancel.', v_render.state));
  end if;
  perform private.cancel_step('render.advance', p_render);
  if v_render.state = 'requested' then
    perform private.settle_render(v_render, 'none');
    update public.renders
    set state = 'cancelled', finished_at = private.now(), error = jsonb_build_object(
      'code', 'cancelled', 'message',
      'Cancelled before it was sent to the render service. Nothing was charged and your allowance is free again.')
    where id = p_render returning * into v_render;
  else
    update public.renders
    set state = 'cancelled', finished_at = private.now(), error = jsonb_build_object(
      'code', 'cancelled_after_submit', 'message',
      'The render service cannot cancel a job that it may have begun. Its result is ignored; what it costs stays '
      'counted.')
    where id = p_render returning * into v_render;
  end if;
  return to_jsonb(v_render);
end
$$;
comment on function engine.cancel_render(uuid, uuid, bigint) is
  'Before the submit: nothing was spent, the allowance is given back. After it: the result is ignored and the cost '
  'kept. Doing it twice changes nothing.';

create function engine.confirm_render(p_user uuid, p_render uuid, p_version bigint, p_confirmed boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_render public.renders;
begin
  v_render := private.lock_render(p_render);
  perform private.require_found(v_render.id);
  perform private.require_role(p_user, v_render.channel_id, array['owner', 'editor']);
  perform private.require_version(p_version, v_render.version,
    'The render has changed since it was read. Read it again, then repeat the request.');
  if v_render.state <> 'ready' or v_render.confirmation is null
    or (v_render.confirmation = 'confirmed' and not p_confirmed) then
    perform private.refuse(409, 'invalid_state',
      'Only a finished video that was recognised by its time alone is confirmed or rejected, and once.');
  end if;
  if p_confirmed then
    update public.renders set confirmation = 'confirmed' where id = p_render returning * into v_render;
    return to_jsonb(v_render);
  end if;
  -- The job is somebody else's: it is free to be found by them.
  update private.render_jobs set file_url = null, file_etag = null where render_id = p_render;
  update public.renders
  set state = 'failed', confirmation = null, provider_job_id = null, file_bytes = null, file_content_type = null,
      file_sha256 = null, file_duration_seconds = null, thumbnail_url = null, error = jsonb_build_object(
      'code', 'not_this_video', 'message',
      'You said that this is not your video. What the submit whose answer was lost may have cost stays counted. Render '
      'again.')
  where id = p_render returning * into v_render;
  return to_jsonb(v_render);
end
$$;
comment on function engine.confirm_render(uuid, uuid, bigint, boolean) is
  'Somebody has watched a video that was recognised by its time alone: it is the right one, or it is not.';

create function engine.note_render_callback(p_render uuid, p_token_hash text, p_job_id text) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_render public.renders;
  v_job private.render_jobs;
begin
  -- Nobody is signed in here: what is unknown, foreign or malformed costs one look-up and locks nothing.
  select * into v_job from private.render_jobs where render_id = p_render and callback_hash = p_token_hash;
  perform private.require_found(v_job.render_id);
  v_render := private.lock_render(p_render);
  if p_job_id is not null and v_render.provider_job_id is not null and p_job_id <> v_render.provider_job_id then
    perform private.refuse(404, 'not_found', 'No such object.');
  end if;
  update private.render_jobs
  set callbacks = callbacks + 1, last_callback_at = private.now(),
      hinted_job_id = case when v_render.provider_job_id is null then coalesce(p_job_id, hinted_job_id)
        else hinted_job_id end
  where render_id = p_render returning * into v_job;
  -- The caller knows the address, so it may make us poll sooner, but not without end: the schedule goes on by itself.
  if v_render.state in ('submitting', 'submit_unknown', 'queued', 'rendering', 'timed_out_unknown')
    and v_job.callbacks <= 20 then
    perform private.enqueue_step('render', 'render.advance', p_render, v_render.channel_id,
      case when v_render.provider_job_id is null then interval '2 seconds' else interval '0' end);
    return true;
  end if;
  return false;
end
$$;
comment on function engine.note_render_callback(uuid, text, text) is
  'A callback came: true when the job is to be looked at now. Nothing that it says is believed.';

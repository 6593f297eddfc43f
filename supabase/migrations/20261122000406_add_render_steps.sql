-- What the step of a render does.

create function private.render_work(p_render public.renders) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select to_jsonb(p_render) || jsonb_build_object(
      'now', private.now(), 'hinted_job_id', j.hinted_job_id, 'odd_polls', j.odd_polls, 'file_url', j.file_url,
      'credits_per_render', (private.setting('render_limits') ->> 'credits_per_render')::integer)
    from private.render_jobs j where j.render_id = (p_render).id);
end
$$;

create function engine.open_render(p_step uuid, p_fence bigint, p_render uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform private.assert_claim(p_step, p_fence);
  return private.render_work(private.lock_render(p_render));
end
$$;
comment on function engine.open_render(uuid, bigint, uuid) is
  'A render as its step needs to see it; null when it is gone.';

create function private.is_render_awaited(p_render public.renders) returns boolean
language sql stable set search_path = '' as $$
  select exists (
    select from public.renders r join private.steps s on s.kind = 'render.advance' and s.subject_id = r.id
    where r.state = 'requested' and s.state in ('waiting', 'running') and r.channel_id <> p_render.channel_id
      and not exists (
        select from public.renders o
        where o.channel_id = r.channel_id and o.state in ('submitting', 'queued', 'rendering')))
$$;
comment on function private.is_render_awaited(public.renders) is
  'Whether another channel waits for its turn at the render service and has nothing there.';

create function engine.begin_render_submit(
  p_step uuid, p_fence bigint, p_render uuid, p_callback_hash text, p_gap_seconds double precision, p_in_flight integer
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_render public.renders;
  v_wait double precision;
  v_flying integer;
  v_own integer;
begin
  perform private.assert_claim(p_step, p_fence);
  perform pg_advisory_xact_lock(hashtextextended('render.submit', 0));
  v_render := private.lock_render(p_render);
  if v_render.state is distinct from 'requested' then
    return jsonb_build_object('go', false, 'wait_seconds', 0);
  end if;
  -- The service's limits are not documented: one submit at a time, not too many at work.
  select extract(epoch from (max(submitted_at) + make_interval(secs => p_gap_seconds) - private.now())),
    count(*) filter (where state in ('submitting', 'queued', 'rendering')),
    count(*) filter (where state in ('submitting', 'queued', 'rendering') and channel_id = v_render.channel_id)
  into v_wait, v_flying, v_own
  from public.renders
  where state in ('submitting', 'submit_unknown', 'queued', 'rendering')
    and submitted_at > private.now() - interval '20 minutes';
  if v_flying >= p_in_flight or (v_own >= greatest(1, p_in_flight / 2) and private.is_render_awaited(v_render)) then
    return jsonb_build_object('go', false, 'wait_seconds', 10);
  elsif v_wait > 0 then
    return jsonb_build_object('go', false, 'wait_seconds', v_wait);
  end if;
  perform private.settle_render(v_render, 'estimated');
  update public.renders set state = 'submitting', submitted_at = private.now(), error = null where id = p_render;
  update private.render_jobs set callback_hash = p_callback_hash where render_id = p_render;
  return jsonb_build_object('go', true, 'wait_seconds', 0);
end
$$;
comment on function engine.begin_render_submit(uuid, bigint, uuid, text, double precision, integer) is
  'Writes down that the submit is about to be sent. Only after this has been committed may it be, and only once.';

create function private.wake_render(p_step uuid, p_fence bigint, p_render public.renders) returns void
language plpgsql set search_path = '' as $$
begin
  -- The claim that holds the step goes on by itself; asking for another run would only make it poll too early.
  if not exists (select from private.steps where id = p_step and fence = p_fence and state = 'running') then
    perform private.enqueue_step('render', 'render.advance', (p_render).id, (p_render).channel_id,
      interval '2 seconds');
  end if;
end
$$;

create function engine.return_render(p_step uuid, p_fence bigint, p_render uuid, p_callback_hash text) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_render public.renders;
begin
  v_render := private.lock_render(p_render);
  if v_render.state not in ('submitting', 'submit_unknown') or v_render.provider_job_id is not null
    or not exists (select from private.render_jobs where render_id = p_render and callback_hash = p_callback_hash) then
    return false;
  end if;
  perform private.settle_render(v_render, 'reserved');
  update public.renders set state = 'requested', submitted_at = null, error = null where id = p_render;
  update private.render_jobs set callback_hash = null, hinted_job_id = null where render_id = p_render;
  perform private.wake_render(p_step, p_fence, v_render);
  return true;
end
$$;
comment on function engine.return_render(uuid, bigint, uuid, text) is
  'The submit certainly did not happen: it may be sent again. Not fenced, because it is a fact about the world '
  'outside, told by the only one who can know it: the process that made this submit''s token.';

create function engine.record_render_job(
  p_step uuid, p_fence bigint, p_render uuid, p_callback_hash text, p_job_id text
) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_render public.renders;
begin
  v_render := private.lock_render(p_render);
  if v_render.id is null or not exists (
    select from private.render_jobs where render_id = p_render and callback_hash = p_callback_hash
  ) then
    return false;
  end if;
  if v_render.provider_job_id is not null and (v_render.provider_job_id = p_job_id or v_render.found_by = 'answer') then
    -- What was recognised by its time alone is certain now.
    update public.renders set found_by = 'answer', confirmation = null
    where id = p_render and found_by = 'listing_time' and provider_job_id = p_job_id;
    return true;
  end if;
  if v_render.provider_job_id is not null then
    perform private.log_event('render.mismatch', 'critical', 'render',
      'A lost submit was matched with the wrong job; its own answer has come and counts.',
      jsonb_build_object('render_id', p_render, 'matched', v_render.provider_job_id, 'answered', p_job_id));
  end if;
  if v_render.state in ('submitting', 'submit_unknown') then
    update public.renders set state = 'queued', provider_job_id = p_job_id, found_by = 'answer', error = null
    where id = p_render;
    perform private.wake_render(p_step, p_fence, v_render);
  elsif v_render.state <> 'ready' then
    update public.renders set provider_job_id = p_job_id, found_by = 'answer' where id = p_render;
  end if;
  return true;
end
$$;
comment on function engine.record_render_job(uuid, bigint, uuid, text, text) is
  'The submit was answered. Not fenced: an answer that comes after the claim was taken over is true all the same, '
  'and losing it would lose a paid job.';

create function engine.mark_submit_unknown(p_step uuid, p_fence bigint, p_render uuid, p_error jsonb) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  perform private.assert_claim(p_step, p_fence);
  update public.renders set state = 'submit_unknown', error = p_error where id = p_render and state = 'submitting';
  return found;
end
$$;
comment on function engine.mark_submit_unknown(uuid, bigint, uuid, jsonb) is
  'The submit may or may not have arrived. From here on its job is only searched for.';

create function engine.render_candidates(p_render uuid, p_job_ids text[]) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'taken', (select coalesce(jsonb_agg(job), '[]') from unnest(p_job_ids) as job
      where exists (select from public.renders where provider_job_id = job and id <> p_render)
        or exists (select from private.render_tombstones where job_hash = private.job_hash(job))),
    'rivals', (select coalesce(jsonb_agg(submitted_at), '[]') from public.renders
      where state in ('submitting', 'submit_unknown') and id <> p_render and submitted_at is not null))
$$;
comment on function engine.render_candidates(uuid, text[]) is
  'Which of these jobs belong to other renders, erased ones included, and when other submits were sent whose job is '
  'not known either.';

create function engine.adopt_render_job(p_step uuid, p_fence bigint, p_render uuid, p_job_id text, p_found_by text)
returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  perform private.assert_claim(p_step, p_fence);
  if exists (select from public.renders where provider = 'revid' and provider_job_id = p_job_id and id <> p_render)
    or exists (select from private.render_tombstones where job_hash = private.job_hash(p_job_id)) then
    return false;
  end if;
  update public.renders set state = 'queued', provider_job_id = p_job_id, found_by = p_found_by, error = null
  where id = p_render and state = 'submit_unknown';
  return found;
exception
  when unique_violation then
    return false;
end
$$;
comment on function engine.adopt_render_job(uuid, bigint, uuid, text, text) is
  'A lost submit was found again at the service.';

create function engine.record_render_poll(
  p_step uuid, p_fence bigint, p_render uuid, p_running boolean, p_progress smallint, p_odd boolean
) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  v_odd integer;
begin
  perform private.assert_claim(p_step, p_fence);
  update public.renders
  set state = case when state = 'queued' and p_running then 'rendering' else state end,
      progress = coalesce(greatest(progress, p_progress), progress), polls = polls + 1, last_polled_at = private.now()
  where id = p_render and state in ('queued', 'rendering', 'timed_out_unknown');
  update private.render_jobs set odd_polls = case when p_odd then odd_polls + 1 else 0 end
  where render_id = p_render returning odd_polls into v_odd;
  return v_odd;
end
$$;
comment on function engine.record_render_poll(uuid, bigint, uuid, boolean, smallint, boolean) is
  'The service was asked and the job is not over. Answers how many odd answers came in a row.';

create function engine.finish_render(p_step uuid, p_fence bigint, p_render uuid, p_file jsonb, p_credits integer)
returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_render public.renders;
begin
  perform private.assert_claim(p_step, p_fence);
  v_render := private.lock_render(p_render);
  if v_render.state not in ('queued', 'rendering', 'timed_out_unknown') then
    return false;
  end if;
  if p_credits is not null then
    perform private.settle_render(v_render, 'reported', p_credits);
  end if;
  update private.render_jobs set file_url = p_file ->> 'url', file_etag = p_file ->> 'etag' where render_id = p_render;
  update public.renders
  set state = 'ready', confirmation = case when found_by = 'listing_time' then 'needed' end, progress = 100,
      error = null, finished_at = private.now(), last_polled_at = private.now(),
      polls = polls + 1, file_bytes = (p_file ->> 'bytes')::bigint,
      file_content_type = p_file ->> 'content_type',
      file_sha256 = p_file ->> 'sha256',
      file_duration_seconds = (p_file ->> 'duration_seconds')::numeric,
      thumbnail_url = p_file ->> 'thumbnail_url'
  where id = p_render;
  perform private.log_event('render.ready', 'info', 'render', 'A video has been rendered.',
    jsonb_build_object('render_id', p_render, 'credits', p_credits), v_render.requested_by);
  return true;
end
$$;
comment on function engine.finish_render(uuid, bigint, uuid, jsonb, integer) is
  'The video is there and was looked at: {"url", "etag", "bytes", "content_type", "sha256", "duration_seconds", '
  '"thumbnail_url"}.';

create function engine.fail_render(
  p_step uuid, p_fence bigint, p_render uuid, p_error jsonb, p_charged boolean, p_credits integer, p_alert boolean
) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_render public.renders;
begin
  perform private.assert_claim(p_step, p_fence);
  v_render := private.lock_render(p_render);
  if v_render.state in ('ready', 'failed', 'cancelled') then
    return false;
  end if;
  if not p_charged or p_credits = 0 then
    perform private.settle_render(v_render, 'none');
  elsif p_credits is not null then
    perform private.settle_render(v_render, 'reported', p_credits);
  end if;
  update public.renders set state = 'failed', error = p_error, finished_at = private.now() where id = p_render;
  perform private.log_event('render.failed', 'warning', 'render', p_error ->> 'message',
    jsonb_build_object('render_id', p_render, 'code', p_error ->> 'code'), v_render.requested_by);
  if p_alert then
    perform private.log_event('render.provider_refused', 'critical', 'render',
      'The render service refuses this deployment: check its key, its plan and its credits.',
      jsonb_build_object('render_id', p_render, 'code', p_error ->> 'code'));
  end if;
  return true;
end
$$;
comment on function engine.fail_render(uuid, bigint, uuid, jsonb, boolean, integer, boolean) is
  'There will be no video. Not charged (or charged nothing): allowance and budget are given back. p_alert: its '
  'operator must act.';

create function engine.time_out_render(p_step uuid, p_fence bigint, p_render uuid, p_error jsonb) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  perform private.assert_claim(p_step, p_fence);
  update public.renders set state = 'timed_out_unknown', error = p_error
  where id = p_render and state in ('queued', 'rendering');
  return found;
end
$$;
comment on function engine.time_out_render(uuid, bigint, uuid, jsonb) is
  'The job took longer than any should. It is paid for, so it is polled once more, late, and on every callback.';

create function engine.render_source(p_render uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('url', j.file_url, 'bytes', r.file_bytes, 'content_type', r.file_content_type,
    'sha256', r.file_sha256, 'job_id', r.provider_job_id, 'channel_id', r.channel_id, 'copied', j.copied_at is not null)
  from public.renders r join private.render_jobs j on j.render_id = r.id
  where r.id = p_render and r.state = 'ready'
$$;
comment on function engine.render_source(uuid) is
  'Where the bytes of a finished render are; null when it is not ready.';

create function engine.move_render_source(p_render uuid, p_url text) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update private.render_jobs j set file_url = p_url
  from public.renders r where r.id = j.render_id and r.id = p_render and r.state = 'ready';
  return found;
end
$$;
comment on function engine.move_render_source(uuid, text) is
  'The service serves the same file under a new address now.';

create function private.on_dead_render_advance(p_subject uuid, p_error jsonb) returns void
language plpgsql set search_path = '' as $$
declare
  v_render public.renders;
begin
  select * into v_render from public.renders where id = p_subject for no key update;
  case v_render.state
    when 'requested' then
      perform private.settle_render(v_render, 'none');
      update public.renders set state = 'failed', finished_at = private.now(), error = jsonb_build_object(
        'code', 'render_service_unreachable', 'message',
        'The render service could not be reached. Nothing was charged and your allowance is free again. Render again '
        'later.')
      where id = p_subject;
    when 'submitting' then
      update public.renders set state = 'submit_unknown', error = jsonb_build_object(
        'code', 'submit_unknown', 'message',
        'It is not known whether the render service took the job. Cancel this render before you ask for another.')
      where id = p_subject;
    when 'queued', 'rendering' then
      update public.renders set state = 'timed_out_unknown', error = jsonb_build_object(
        'code', 'timed_out_unknown', 'message',
        'The render service no longer tells how this job stands. It may still finish; cancel this render before you '
        'ask for another.')
      where id = p_subject;
    else
      null;
  end case;
  perform private.log_event('render.stuck', 'error', 'render', 'The step of a render has used up its attempts.',
    jsonb_build_object('render_id', p_subject, 'state', v_render.state, 'error', p_error), v_render.requested_by);
end
$$;
comment on function private.on_dead_render_advance(uuid, jsonb) is
  'A render whose step is dead-lettered still ends in a state that tells the user what is known and what to do.';

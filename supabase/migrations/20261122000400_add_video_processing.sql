-- Rendering: one paid job that turns an approved script into a video file.
--
-- The provider knows no idempotency key, cannot cancel, and charges for every job it accepts. So what is asked for, what
-- it may cost and that it is about to be sent are each committed before anything is sent; a submit whose answer was lost
-- is `submit_unknown` and is only ever looked for, never sent again.

-- Renders ------------------------------------------------------------------------------------------------------------

create function private.render_transitions() returns table (from_state text, to_state text)
language sql immutable set search_path = '' as $$
  values
    ('requested', 'submitting'),
    ('requested', 'failed'),
    ('requested', 'cancelled'),
    ('submitting', 'requested'),
    ('submitting', 'submit_unknown'),
    ('submitting', 'queued'),
    ('submitting', 'failed'),
    ('submitting', 'cancelled'),
    ('submit_unknown', 'requested'),
    ('submit_unknown', 'queued'),
    ('submit_unknown', 'failed'),
    ('submit_unknown', 'cancelled'),
    ('queued', 'rendering'),
    ('queued', 'ready'),
    ('queued', 'failed'),
    ('queued', 'cancelled'),
    ('queued', 'timed_out_unknown'),
    ('rendering', 'ready'),
    ('rendering', 'failed'),
    ('rendering', 'cancelled'),
    ('rendering', 'timed_out_unknown'),
    ('timed_out_unknown', 'ready'),
    ('timed_out_unknown', 'failed'),
    ('timed_out_unknown', 'cancelled')
$$;
comment on function private.render_transitions() is
  'Every way in which a render may move. The functions'' code holds the same table, and a test compares the two.';

create table public.renders (
  id uuid not null default gen_random_uuid(),
  channel_id uuid not null,
  content_id uuid,
  content_hash text not null,
  requested_by uuid,
  state text not null default 'requested',
  provider text not null default 'revid',
  provider_job_id text,
  found_by text,
  request jsonb not null,
  estimated_credits integer not null,
  estimate_basis text not null,
  cost_basis text not null default 'reserved',
  credits_used integer,
  progress smallint,
  polls integer not null default 0,
  file_bytes bigint,
  file_content_type text,
  file_sha256 text,
  file_duration_seconds numeric(10, 3),
  thumbnail_url text,
  error jsonb,
  submitted_at timestamptz,
  last_polled_at timestamptz,
  finished_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint renders_pkey primary key (id),
  constraint renders_channel_id_fkey foreign key (channel_id) references public.channels (id) on delete cascade,
  constraint renders_content_id_fkey foreign key (content_id) references public.generated_content (id) on delete set null,
  constraint renders_requested_by_fkey foreign key (requested_by) references public.users (id) on delete set null,
  constraint renders_provider_provider_job_id_key unique (provider, provider_job_id),
  constraint renders_state_check check (state in (
    'requested', 'submitting', 'submit_unknown', 'queued', 'rendering', 'ready', 'failed', 'cancelled', 'timed_out_unknown')),
  constraint renders_found_by_check check (found_by in ('answer', 'callback', 'listing', 'listing_time')),
  constraint renders_estimate_basis_check check (estimate_basis in ('provider', 'worst_case')),
  constraint renders_cost_basis_check check (cost_basis in ('reserved', 'estimated', 'reported', 'none')),
  constraint renders_estimated_credits_check check (estimated_credits between 0 and 1000000),
  constraint renders_credits_used_check check (credits_used between 0 and 1000000),
  constraint renders_progress_check check (progress between 0 and 100),
  constraint renders_file_bytes_check check (file_bytes > 0),
  constraint renders_file_sha256_check check (file_sha256 ~ '^[0-9a-f]{64}$'),
  constraint renders_ready_check check (state <> 'ready' or (file_bytes is not null and provider_job_id is not null)),
  constraint renders_error_check check (state not in ('failed', 'submit_unknown', 'timed_out_unknown') or error is not null)
);
comment on table public.renders is 'One row for each paid job at the render service, from the request to the file.';
comment on column public.renders.content_hash is 'Hash of the approved script at the time of the request: what was approved is what is rendered.';
comment on column public.renders.provider_job_id is 'The service''s id of the job; null until a submit was answered or found again.';
comment on column public.renders.found_by is
  'How the job''s id became known: by the submit''s own answer; by a callback or a mark in the listing, when the answer was '
  'lost; or by time alone (listing_time), when it was the only job it can have been: look at the video before publishing it.';
comment on column public.renders.request is 'What was asked for, the script included; never changes.';
comment on column public.renders.estimate_basis is 'provider: the service''s own estimate. worst_case: it gave none, so the highest usual price is set aside.';
comment on column public.renders.cost_basis is
  'reserved: not sent yet. estimated: it may have been charged, the estimate counts. reported: credits_used is the service''s word. none: nothing was charged.';
comment on column public.renders.error is '{"code", "message", …}: why there is no video, or why that is not known, and what the user can do.';
comment on column public.renders.submitted_at is 'When it was sent, or at least about to be.';
create index renders_channel_id_created_at_idx on public.renders (channel_id, created_at desc, id desc);
create index renders_content_id_idx on public.renders (content_id);
create index renders_requested_by_idx on public.renders (requested_by);
create index renders_submitted_at_idx on public.renders (submitted_at) where state in ('submitting', 'submit_unknown', 'queued', 'rendering');
-- One script is not paid for twice at once; a render whose outcome is unknown counts as running until a person cancels it.
create unique index renders_content_id_running_key on public.renders (content_id)
  where state in ('requested', 'submitting', 'submit_unknown', 'queued', 'rendering', 'timed_out_unknown');
create trigger renders_touch before update on public.renders for each row execute function private.touch_updated_at();
alter table public.renders enable row level security;
grant select on public.renders to authenticated;
create policy "members see the renders of their channels" on public.renders
  for select to authenticated using (channel_id in (select private.my_channels()));

create function private.keep_render_transitions() returns trigger
language plpgsql set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    if new.state <> 'requested' then
      raise exception 'a render begins as requested, not as %', new.state using errcode = '23514';
    end if;
  elsif new.request is distinct from old.request then
    raise exception 'the request of render % does not change', old.id using errcode = '23514';
  elsif new.state <> old.state
    and not exists (select from private.render_transitions() t where t.from_state = old.state and t.to_state = new.state) then
    raise exception 'render %: % cannot become %', old.id, old.state, new.state using errcode = '23514';
  end if;
  return new;
end
$$;
create trigger renders_keep_transitions before insert or update on public.renders
  for each row execute function private.keep_render_transitions();

create table private.render_jobs (
  render_id uuid not null,
  callback_hash text,
  hinted_job_id text,
  callbacks integer not null default 0,
  last_callback_at timestamptz,
  file_url text,
  file_etag text,
  odd_polls integer not null default 0,
  reserved_period date not null,
  reserved_day date not null,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint render_jobs_pkey primary key (render_id),
  constraint render_jobs_render_id_fkey foreign key (render_id) references public.renders (id) on delete cascade
);
comment on table private.render_jobs is 'What nobody outside may see of a render.';
comment on column private.render_jobs.callback_hash is
  'SHA-256 of the token in the callback''s address. Made anew for each submit, so it also names the submit that an answer belongs to.';
comment on column private.render_jobs.hinted_job_id is 'The id that a callback named while the submit''s answer was missing. A hint: it is asked for before it is believed.';
comment on column private.render_jobs.file_url is 'Where the service keeps the file. Signed addresses are as good as passwords.';
comment on column private.render_jobs.odd_polls is 'Answers in a row that make no sense: ready without a file, a job that is not known.';
create trigger render_jobs_touch before update on private.render_jobs for each row execute function private.touch_updated_at();
alter table private.render_jobs enable row level security;

create table private.render_budgets (
  day date not null,
  credits bigint not null default 0,
  constraint render_budgets_pkey primary key (day),
  constraint render_budgets_credits_check check (credits >= 0)
);
comment on table private.render_budgets is 'Credits of the render service, reserved or spent, of the whole deployment on one day (UTC).';
alter table private.render_budgets enable row level security;

-- Money and allowance ------------------------------------------------------------------------------------------------

create function private.renders_per_month(p_user uuid, p_default integer) returns integer
language plpgsql stable set search_path = '' as $$
begin
  return coalesce((select (plan ->> 'renders_per_month')::integer from public.users where id = p_user), p_default);
end
$$;
comment on function private.renders_per_month(uuid, integer) is 'The user''s monthly allowance: their plan''s, else the deployment''s.';

create function private.reserve_render(p_user uuid, p_credits integer, p_limits jsonb) returns void
language plpgsql set search_path = '' as $$
declare
  v_now timestamptz := private.now();
  v_period date := private.usage_period(v_now);
  v_day date := (v_now at time zone 'UTC')::date;
  v_allowance integer := private.renders_per_month(p_user, (p_limits ->> 'renders_per_month')::integer);
  v_per_render integer := (p_limits ->> 'credits_per_render')::integer;
  v_per_day integer := (p_limits ->> 'credits_per_day')::integer;
begin
  if p_credits > v_per_render then
    perform private.refuse(422, 'render_too_costly', format(
      'This render would cost about %s credits; at most %s are spent on one video. Choose stock footage or standard quality, or shorten the script.',
      p_credits, v_per_render));
  end if;
  if v_allowance > 0 then
    insert into public.usage_counters as u (user_id, period, renders) values (p_user, v_period, 1)
    on conflict on constraint usage_counters_pkey do update set renders = u.renders + 1 where u.renders < v_allowance;
  end if;
  if v_allowance <= 0 or not found then
    perform private.refuse(402, 'budget_exhausted', format(
      'You have used all %s renders of this month. The next ones are yours on %s.',
      greatest(v_allowance, 0), to_char(v_period + interval '1 month', 'YYYY-MM-DD')));
  end if;
  if p_credits <= v_per_day then
    insert into private.render_budgets as b (day, credits) values (v_day, p_credits)
    on conflict on constraint render_budgets_pkey do update set credits = b.credits + excluded.credits
      where b.credits + excluded.credits <= v_per_day;
  end if;
  if p_credits > v_per_day or not found then
    perform private.refuse(402, 'budget_exhausted', format(
      'This deployment''s daily budget of %s credits for rendering is used up. Try again after %s, 00:00 UTC.',
      v_per_day, to_char(v_day + 1, 'YYYY-MM-DD')));
  end if;
end
$$;
comment on function private.reserve_render(uuid, integer, jsonb) is
  'Counts one render and its estimated credits, or refuses with the limit that is in the way. {"renders_per_month", "credits_per_render", "credits_per_day"}.';

create function private.settle_render(p_render public.renders, p_basis text, p_credits integer default null) returns void
language plpgsql set search_path = '' as $$
declare
  v_job private.render_jobs;
  v_before integer := case (p_render).cost_basis
    when 'none' then 0 when 'reported' then (p_render).credits_used else (p_render).estimated_credits end;
  v_after integer := case p_basis
    when 'none' then 0 when 'reported' then p_credits else (p_render).estimated_credits end;
begin
  select * into v_job from private.render_jobs where render_id = (p_render).id;
  update public.usage_counters
  set renders = greatest(0, renders
        + case when p_basis = 'none' then 0 else 1 end - case when (p_render).cost_basis = 'none' then 0 else 1 end),
      render_credits = greatest(0, render_credits
        + case when p_basis in ('estimated', 'reported') then v_after else 0 end
        - case when (p_render).cost_basis in ('estimated', 'reported') then v_before else 0 end)
  where user_id = (p_render).requested_by and period = v_job.reserved_period;
  -- The user's row first, as when it was reserved: two orders would deadlock.
  update private.render_budgets set credits = greatest(0, credits + v_after - v_before) where day = v_job.reserved_day;
  update public.renders
  set cost_basis = p_basis, credits_used = case when p_basis = 'reported' then p_credits else credits_used end
  where id = (p_render).id;
end
$$;
comment on function private.settle_render(public.renders, text, integer) is
  'Moves what a render counts for, in the month and on the day in which it was reserved, from one basis to another.';

-- What users do ------------------------------------------------------------------------------------------------------

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
  p_user uuid, p_idempotency jsonb default null, p_content uuid default null, p_content_hash text default null, p_request jsonb default null,
  p_credits integer default null, p_estimate_basis text default null, p_limits jsonb default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_answer jsonb;
  v_content public.generated_content;
  v_render public.renders;
begin
  v_answer := private.begin_request(p_user, 'video.render', p_idempotency);
  if v_answer is not null then
    return v_answer;
  end if;
  select * into v_content from public.generated_content where id = p_content for share;
  if v_content.id is null then
    perform private.refuse(404, 'not_found', 'No such object.');
  end if;
  perform private.require_role(p_user, v_content.channel_id, array['owner', 'editor']);
  v_content := private.approved_script(v_content.channel_id, p_content);
  if v_content.approved_hash is distinct from p_content_hash then
    perform private.refuse(409, 'approval_required', 'The script has changed since this request began. Read it again.', '/content_id');
  end if;
  select * into v_render from public.renders
  where content_id = p_content
    and state in ('requested', 'submitting', 'submit_unknown', 'queued', 'rendering', 'timed_out_unknown');
  if v_render.id is not null then
    perform private.refuse(409, 'render_in_progress', format(
      'This script is being rendered already (%s, %s). Follow that one, or cancel it first.', v_render.id, v_render.state), '/content_id');
  end if;
  perform private.reserve_render(p_user, p_credits, p_limits);

  insert into public.renders (channel_id, content_id, content_hash, requested_by, request, estimated_credits, estimate_basis)
  values (v_content.channel_id, p_content, p_content_hash, p_user, p_request, p_credits, p_estimate_basis)
  on conflict (content_id)
    where state in ('requested', 'submitting', 'submit_unknown', 'queued', 'rendering', 'timed_out_unknown') do nothing
  returning * into v_render;
  if v_render.id is null then
    perform private.refuse(409, 'render_in_progress', 'This script is being rendered already. Follow that one, or cancel it first.', '/content_id');
  end if;
  insert into private.render_jobs (render_id, reserved_period, reserved_day)
  values (v_render.id, private.usage_period(private.now()), (private.now() at time zone 'UTC')::date);
  perform private.enqueue_step('render', 'render.advance', v_render.id, v_render.channel_id);
  return private.end_request(p_user, 'video.render', p_idempotency, to_jsonb(v_render));
end
$$;
comment on function engine.request_render(uuid, jsonb, uuid, text, jsonb, integer, text, jsonb) is
  'Writes down what is to be rendered and what it may cost, counts it against the allowance and the budget, and makes the step due.';

create function engine.render_allowance(p_user uuid, p_limits jsonb default null) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_period date := private.usage_period(private.now());
  v_day date := (private.now() at time zone 'UTC')::date;
begin
  return jsonb_build_object(
    'renders_per_month', private.renders_per_month(p_user, (p_limits ->> 'renders_per_month')::integer),
    'renders_used', coalesce((select renders from public.usage_counters where user_id = p_user and period = v_period), 0),
    'renews_on', (v_period + interval '1 month')::date,
    'credits_per_render', (p_limits ->> 'credits_per_render')::integer,
    'credits_left_today', greatest(0, (p_limits ->> 'credits_per_day')::bigint
      - coalesce((select credits from private.render_budgets where day = v_day), 0)));
end
$$;
comment on function engine.render_allowance(uuid, jsonb) is 'What the user may still render. It promises nothing: only request_render reserves.';

create function engine.cancel_render(p_user uuid, p_render uuid default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_render public.renders;
begin
  v_render := private.lock_render(p_render);
  if v_render.id is null then
    perform private.refuse(404, 'not_found', 'No such object.');
  end if;
  perform private.require_role(p_user, v_render.channel_id, array['owner', 'editor']);
  if v_render.state = 'cancelled' then
    return to_jsonb(v_render);
  end if;
  if v_render.state in ('ready', 'failed') then
    perform private.refuse(409, 'invalid_state', format('This render is %s; there is nothing left to cancel.', v_render.state));
  end if;
  perform private.cancel_step('render.advance', p_render);
  if v_render.state = 'requested' then
    perform private.settle_render(v_render, 'none');
    update public.renders
    set state = 'cancelled', finished_at = private.now(), error = jsonb_build_object(
      'code', 'cancelled', 'message', 'Cancelled before it was sent to the render service. Nothing was charged and your allowance is free again.')
    where id = p_render returning * into v_render;
  else
    update public.renders
    set state = 'cancelled', finished_at = private.now(), error = jsonb_build_object(
      'code', 'cancelled_after_submit', 'message',
      'The render service cannot cancel a job that it may have begun. Its result is ignored; what it costs stays counted.')
    where id = p_render returning * into v_render;
  end if;
  return to_jsonb(v_render);
end
$$;
comment on function engine.cancel_render(uuid, uuid) is
  'Before the submit: nothing was spent, the allowance is given back. After it: the result is ignored and the cost kept. Doing it twice changes nothing.';

create function engine.note_render_callback(p_render uuid default null, p_token_hash text default null, p_job_id text default null) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_render public.renders;
  v_job private.render_jobs;
begin
  -- Nobody is signed in here: what is unknown, foreign or malformed costs one look-up and locks nothing.
  select * into v_job from private.render_jobs where render_id = p_render and callback_hash = p_token_hash;
  if v_job.render_id is null then
    perform private.refuse(404, 'not_found', 'No such object.');
  end if;
  v_render := private.lock_render(p_render);
  if p_job_id is not null and v_render.provider_job_id is not null and p_job_id <> v_render.provider_job_id then
    perform private.refuse(404, 'not_found', 'No such object.');
  end if;
  update private.render_jobs
  set callbacks = callbacks + 1, last_callback_at = private.now(),
      hinted_job_id = case when v_render.provider_job_id is null then coalesce(p_job_id, hinted_job_id) else hinted_job_id end
  where render_id = p_render returning * into v_job;
  -- Whoever knows the address may make us look again, but not without end: the schedule goes on by itself.
  if v_render.state in ('submitting', 'submit_unknown', 'queued', 'rendering', 'timed_out_unknown') and v_job.callbacks <= 20 then
    perform private.enqueue_step('render', 'render.advance', p_render, v_render.channel_id,
      case when v_render.provider_job_id is null then interval '2 seconds' else interval '0' end);
    return true;
  end if;
  return false;
end
$$;
comment on function engine.note_render_callback(uuid, text, text) is
  'A callback came: true when the job is to be looked at now. Nothing that it says is believed.';

revoke all on function
  engine.request_render(uuid, jsonb, uuid, text, jsonb, integer, text, jsonb),
  engine.render_allowance(uuid, jsonb),
  engine.cancel_render(uuid, uuid),
  engine.note_render_callback(uuid, text, text)
  from public, anon, authenticated;
grant execute on function
  engine.request_render(uuid, jsonb, uuid, text, jsonb, integer, text, jsonb),
  engine.render_allowance(uuid, jsonb),
  engine.cancel_render(uuid, uuid),
  engine.note_render_callback(uuid, text, text)
  to service_role;

-- What the step does -------------------------------------------------------------------------------------------------

create function private.render_work(p_render public.renders) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select to_jsonb(p_render) || jsonb_build_object(
      'now', private.now(), 'hinted_job_id', j.hinted_job_id, 'odd_polls', j.odd_polls, 'file_url', j.file_url)
    from private.render_jobs j where j.render_id = (p_render).id);
end
$$;

create function engine.open_render(p_step uuid, p_fence bigint, p_render uuid default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform private.hold_step(p_step, p_fence);
  return private.render_work(private.lock_render(p_render));
end
$$;
comment on function engine.open_render(uuid, bigint, uuid) is 'A render as its step needs to see it; null when it is gone.';

create function engine.begin_render_submit(
  p_step uuid, p_fence bigint, p_render uuid default null, p_callback_hash text default null, p_gap_seconds double precision default null, p_in_flight integer default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_render public.renders;
  v_wait double precision;
  v_flying integer;
begin
  perform private.hold_step(p_step, p_fence);
  perform pg_advisory_xact_lock(hashtextextended('render.submit', 0));
  v_render := private.lock_render(p_render);
  if v_render.state is distinct from 'requested' then
    return jsonb_build_object('go', false, 'wait_seconds', 0);
  end if;
  -- The service's limits are not documented: one submit at a time, not too many at work.
  select extract(epoch from (max(submitted_at) + make_interval(secs => p_gap_seconds) - private.now())),
    count(*) filter (where state in ('submitting', 'queued', 'rendering'))
  into v_wait, v_flying
  from public.renders
  where state in ('submitting', 'submit_unknown', 'queued', 'rendering') and submitted_at > private.now() - interval '20 minutes';
  if v_flying >= p_in_flight then
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
    perform private.enqueue_step('render', 'render.advance', (p_render).id, (p_render).channel_id, interval '2 seconds');
  end if;
end
$$;

create function engine.return_render(p_step uuid, p_fence bigint, p_render uuid default null, p_callback_hash text default null) returns boolean
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
  'The submit certainly did not happen: it may be sent again. Not fenced, because it is a fact about the world outside, told by '
  'the only one who can know it: the process that made this submit''s token.';

create function engine.record_render_job(
  p_step uuid, p_fence bigint, p_render uuid default null, p_callback_hash text default null, p_job_id text default null
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
    return true;
  end if;
  if v_render.provider_job_id is not null then
    perform private.log_event('render.mismatch', 'critical', 'render',
      'A lost submit was matched with the wrong job; its own answer has come and counts.',
      jsonb_build_object('render_id', p_render, 'matched', v_render.provider_job_id, 'answered', p_job_id));
  end if;
  if v_render.state in ('submitting', 'submit_unknown') then
    update public.renders set state = 'queued', provider_job_id = p_job_id, found_by = 'answer', error = null where id = p_render;
    perform private.wake_render(p_step, p_fence, v_render);
  elsif v_render.state <> 'ready' then
    update public.renders set provider_job_id = p_job_id, found_by = 'answer' where id = p_render;
  end if;
  return true;
end
$$;
comment on function engine.record_render_job(uuid, bigint, uuid, text, text) is
  'The submit was answered. Not fenced: an answer that comes after the claim was taken over is true all the same, and losing it '
  'would lose a paid job.';

create function engine.doubt_render(p_step uuid, p_fence bigint, p_render uuid default null, p_error jsonb default null) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  perform private.hold_step(p_step, p_fence);
  update public.renders set state = 'submit_unknown', error = p_error where id = p_render and state = 'submitting';
  return found;
end
$$;
comment on function engine.doubt_render(uuid, bigint, uuid, jsonb) is 'The submit may or may not have arrived. From here on it is only looked for.';

create function engine.render_candidates(p_render uuid default null, p_job_ids text[] default null) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'taken', (select coalesce(jsonb_agg(provider_job_id), '[]') from public.renders where provider_job_id = any (p_job_ids) and id <> p_render),
    'rivals', (select coalesce(jsonb_agg(submitted_at), '[]') from public.renders
      where state in ('submitting', 'submit_unknown') and id <> p_render and submitted_at is not null))
$$;
comment on function engine.render_candidates(uuid, text[]) is
  'Which of these jobs belong to other renders, and when other submits were sent whose job is not known either.';

create function engine.adopt_render_job(p_step uuid, p_fence bigint, p_render uuid default null, p_job_id text default null, p_found_by text default null) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  perform private.hold_step(p_step, p_fence);
  if exists (select from public.renders where provider = 'revid' and provider_job_id = p_job_id and id <> p_render) then
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
comment on function engine.adopt_render_job(uuid, bigint, uuid, text, text) is 'A lost submit was found again at the service.';

create function engine.record_render_poll(
  p_step uuid, p_fence bigint, p_render uuid default null, p_running boolean default null, p_progress smallint default null, p_odd boolean default null
) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  v_odd integer;
begin
  perform private.hold_step(p_step, p_fence);
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

create function engine.finish_render(p_step uuid, p_fence bigint, p_render uuid default null, p_file jsonb default null, p_credits integer default null) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_render public.renders;
begin
  perform private.hold_step(p_step, p_fence);
  v_render := private.lock_render(p_render);
  if v_render.state not in ('queued', 'rendering', 'timed_out_unknown') then
    return false;
  end if;
  if p_credits is not null then
    perform private.settle_render(v_render, 'reported', p_credits);
  end if;
  update private.render_jobs set file_url = p_file ->> 'url', file_etag = p_file ->> 'etag' where render_id = p_render;
  update public.renders
  set state = 'ready', progress = 100, error = null, finished_at = private.now(), last_polled_at = private.now(), polls = polls + 1,
      file_bytes = (p_file ->> 'bytes')::bigint,
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
  'The video is there and was looked at: {"url", "etag", "bytes", "content_type", "sha256", "duration_seconds", "thumbnail_url"}.';

create function engine.fail_render(
  p_step uuid, p_fence bigint, p_render uuid default null, p_error jsonb default null, p_charged boolean default null, p_credits integer default null, p_alert boolean default null
) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_render public.renders;
begin
  perform private.hold_step(p_step, p_fence);
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
  'There will be no video. Not charged (or charged nothing): allowance and budget are given back. p_alert: its operator must act.';

create function engine.time_out_render(p_step uuid, p_fence bigint, p_render uuid default null, p_error jsonb default null) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  perform private.hold_step(p_step, p_fence);
  update public.renders set state = 'timed_out_unknown', error = p_error where id = p_render and state in ('queued', 'rendering');
  return found;
end
$$;
comment on function engine.time_out_render(uuid, bigint, uuid, jsonb) is
  'The job took longer than any should. It is paid for, so it is looked at once more, late, and on every callback.';

create function engine.render_source(p_render uuid default null) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('url', j.file_url, 'bytes', r.file_bytes, 'content_type', r.file_content_type, 'sha256', r.file_sha256,
    'job_id', r.provider_job_id)
  from public.renders r join private.render_jobs j on j.render_id = r.id
  where r.id = p_render and r.state = 'ready'
$$;
comment on function engine.render_source(uuid) is 'Where the bytes of a finished render are; null when it is not ready.';

create function engine.move_render_source(p_render uuid default null, p_url text default null) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update private.render_jobs j set file_url = p_url
  from public.renders r where r.id = j.render_id and r.id = p_render and r.state = 'ready';
  return found;
end
$$;
comment on function engine.move_render_source(uuid, text) is 'The service serves the same file under a new address now.';

revoke all on function
  engine.open_render(uuid, bigint, uuid),
  engine.begin_render_submit(uuid, bigint, uuid, text, double precision, integer),
  engine.return_render(uuid, bigint, uuid, text),
  engine.record_render_job(uuid, bigint, uuid, text, text),
  engine.doubt_render(uuid, bigint, uuid, jsonb),
  engine.render_candidates(uuid, text[]),
  engine.adopt_render_job(uuid, bigint, uuid, text, text),
  engine.record_render_poll(uuid, bigint, uuid, boolean, smallint, boolean),
  engine.finish_render(uuid, bigint, uuid, jsonb, integer),
  engine.fail_render(uuid, bigint, uuid, jsonb, boolean, integer, boolean),
  engine.time_out_render(uuid, bigint, uuid, jsonb),
  engine.render_source(uuid),
  engine.move_render_source(uuid, text)
  from public, anon, authenticated;
grant execute on function
  engine.open_render(uuid, bigint, uuid),
  engine.begin_render_submit(uuid, bigint, uuid, text, double precision, integer),
  engine.return_render(uuid, bigint, uuid, text),
  engine.record_render_job(uuid, bigint, uuid, text, text),
  engine.doubt_render(uuid, bigint, uuid, jsonb),
  engine.render_candidates(uuid, text[]),
  engine.adopt_render_job(uuid, bigint, uuid, text, text),
  engine.record_render_poll(uuid, bigint, uuid, boolean, smallint, boolean),
  engine.finish_render(uuid, bigint, uuid, jsonb, integer),
  engine.fail_render(uuid, bigint, uuid, jsonb, boolean, integer, boolean),
  engine.time_out_render(uuid, bigint, uuid, jsonb),
  engine.render_source(uuid),
  engine.move_render_source(uuid, text)
  to service_role;

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
        'The render service could not be reached. Nothing was charged and your allowance is free again. Render again later.')
      where id = p_subject;
    when 'submitting' then
      update public.renders set state = 'submit_unknown', error = jsonb_build_object(
        'code', 'submit_unknown', 'message',
        'It is not known whether the render service took the job. Cancel this render before you ask for another.')
      where id = p_subject;
    when 'queued', 'rendering' then
      update public.renders set state = 'timed_out_unknown', error = jsonb_build_object(
        'code', 'timed_out_unknown', 'message',
        'The render service no longer tells how this job stands. It may still finish; cancel this render before you ask for another.')
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

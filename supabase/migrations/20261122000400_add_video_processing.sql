-- Rendering: one paid job that turns an approved script into a video file.
--
-- The provider knows no idempotency key, cannot cancel, and charges for every job it accepts. So what is asked for,
-- what it may cost and that it is about to be sent are each committed before anything is sent; a submit whose answer
-- was lost is `submit_unknown` and is only ever looked for, never sent again.

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
    ('ready', 'failed'),
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
  confirmation text,
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
  version bigint not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint renders_pkey primary key (id),
  constraint renders_channel_id_fkey foreign key (channel_id) references public.channels (id) on delete cascade,
  constraint renders_content_id_fkey foreign key (content_id)
    references public.generated_content (id) on delete set null,
  constraint renders_requested_by_fkey foreign key (requested_by) references public.users (id) on delete set null,
  constraint renders_provider_provider_job_id_key unique (provider, provider_job_id),
  constraint renders_state_check check (state in (
    'requested', 'submitting', 'submit_unknown', 'queued', 'rendering', 'ready', 'failed', 'cancelled',
    'timed_out_unknown')),
  constraint renders_found_by_check check (found_by in ('answer', 'callback', 'listing', 'listing_time')),
  constraint renders_confirmation_check check (confirmation in ('needed', 'confirmed')),
  constraint renders_estimate_basis_check check (estimate_basis = 'provider'),
  constraint renders_cost_basis_check check (cost_basis in ('reserved', 'estimated', 'reported', 'none')),
  constraint renders_estimated_credits_check check (estimated_credits between 0 and 1000000),
  constraint renders_credits_used_check check (credits_used between 0 and 1000000),
  constraint renders_progress_check check (progress between 0 and 100),
  constraint renders_file_bytes_check check (file_bytes > 0),
  constraint renders_file_sha256_check check (file_sha256 ~ '^[0-9a-f]{64}$'),
  constraint renders_ready_check check (state <> 'ready' or (file_bytes is not null and provider_job_id is not null)),
  constraint renders_error_check
    check (state not in ('failed', 'submit_unknown', 'timed_out_unknown') or error is not null)
);
comment on table public.renders is 'One row for each paid job at the render service, from the request to the file.';
comment on column public.renders.content_hash is
  'Hash of the approved script at the time of the request: what was approved is what is rendered.';
comment on column public.renders.provider_job_id is
  'The service''s id of the job; null until a submit was answered or found again.';
comment on column public.renders.found_by is
  'How the job''s id became known: by the submit''s own answer; by a callback or a mark in the listing, when the '
  'answer was lost; or by time alone (listing_time), when it was the only job it can have been.';
comment on column public.renders.confirmation is
  'needed: the job was recognised by its time alone, so somebody has to watch the video and say that it is the right '
  'one before it is published; confirmed: somebody has. Null for all others.';
comment on column public.renders.request is 'What was asked for, the script included; never changes.';
comment on column public.renders.estimate_basis is
  'provider: the service''s own estimate. Without one nothing is rendered.';
comment on column public.renders.cost_basis is
  'reserved: not sent yet. estimated: it may have been charged, the estimate counts. reported: credits_used is the '
  'service''s word. none: nothing was charged.';
comment on column public.renders.error is
  '{"code", "message", …}: why there is no video, or why that is not known, and what the user can do.';
comment on column public.renders.submitted_at is 'When it was sent, or at least about to be.';
create index renders_channel_id_created_at_idx on public.renders (channel_id, created_at desc, id desc);
create index renders_content_id_idx on public.renders (content_id);
create index renders_requested_by_idx on public.renders (requested_by);
create index renders_requested_idx on public.renders (channel_id) where state = 'requested';
create index renders_submitted_at_idx on public.renders (submitted_at)
  where state in ('submitting', 'submit_unknown', 'queued', 'rendering');
-- One script is not paid for twice at once; a render of unknown outcome counts as running until a person cancels it.
create unique index renders_content_id_running_key on public.renders (content_id)
  where state in ('requested', 'submitting', 'submit_unknown', 'queued', 'rendering', 'timed_out_unknown');
create trigger renders_touch before update on public.renders for each row execute function private.touch_updated_at();

create function private.count_change() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.version := old.version + 1;
  return new;
end
$$;
comment on column public.renders.version is 'Counts changes of state and confirmation: what an ETag names.';
create trigger renders_count_change before update on public.renders for each row
  when (new.state <> old.state or new.confirmation is distinct from old.confirmation)
  execute function private.count_change();

alter table public.renders enable row level security;
grant select on public.renders to authenticated;
create policy "members see the renders of their channels" on public.renders
  for select to authenticated using (channel_id in (select private.my_channels()));

create function private.check_render_transition() returns trigger
language plpgsql set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    if new.state <> 'requested' then
      raise exception 'a render begins as requested, not as %', new.state using errcode = '23514';
    end if;
  elsif new.request is distinct from old.request then
    raise exception 'the request of render % does not change', old.id using errcode = '23514';
  elsif new.state <> old.state
    and not exists (select from private.render_transitions() t where t.from_state = old.state
      and t.to_state = new.state) then
    raise exception 'render %: % cannot become %', old.id, old.state, new.state using errcode = '23514';
  end if;
  return new;
end
$$;
create trigger renders_check_transition before insert or update on public.renders
  for each row execute function private.check_render_transition();

create table private.render_jobs (
  render_id uuid not null,
  callback_hash text,
  hinted_job_id text,
  callbacks integer not null default 0,
  last_callback_at timestamptz,
  file_url text,
  file_etag text,
  copied_at timestamptz,
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
  'SHA-256 of the token in the callback''s address. Made anew for each submit, so it also names the submit that an '
  'answer belongs to.';
comment on column private.render_jobs.hinted_job_id is
  'The id that a callback named while the submit''s answer was missing. A hint: it is asked for before it is '
  'believed.';
comment on column private.render_jobs.file_url is
  'Where the service keeps the file. Signed addresses are as good as passwords.';
comment on column private.render_jobs.copied_at is 'When the file was complete in our own storage.';
comment on column private.render_jobs.odd_polls is
  'Answers in a row that make no sense: ready without a file, a job that is not known.';
create trigger render_jobs_touch before update on private.render_jobs
  for each row execute function private.touch_updated_at();
alter table private.render_jobs enable row level security;

create table private.render_tombstones (
  job_hash text not null,
  buried_at timestamptz not null default private.now(),
  constraint render_tombstones_pkey primary key (job_hash)
);
comment on table private.render_tombstones is
  'SHA-256 of the jobs of renders that were erased: a job of theirs is never taken for that of somebody else''s lost '
  'submit. Kept for 90 days, longer than the service''s listing reaches back.';
alter table private.render_tombstones enable row level security;

create function private.job_hash(p_job text) returns text
language sql immutable set search_path = '' as $$
  select encode(sha256(convert_to(p_job, 'utf8')), 'hex')
$$;

create function private.bury_render() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if old.provider_job_id is not null then
    insert into private.render_tombstones (job_hash) values (private.job_hash(old.provider_job_id))
    on conflict on constraint render_tombstones_pkey do nothing;
  end if;
  return null;
end
$$;
create trigger renders_bury after delete on public.renders for each row execute function private.bury_render();
select cron.schedule('prune-render-tombstones', '42 3 * * *',
  $$delete from private.render_tombstones where buried_at < private.now() - interval '90 days'$$);

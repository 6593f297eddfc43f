-- What a user has used of the outside services.

create table public.usage_counters (
  user_id uuid not null,
  period date not null,
  generations integer not null default 0,
  input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  cost_micros bigint not null default 0,
  reserved_micros bigint not null default 0,
  renders integer not null default 0,
  render_credits bigint not null default 0,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint usage_counters_pkey primary key (user_id, period),
  constraint usage_counters_user_id_fkey foreign key (user_id) references public.users (id) on delete cascade,
  constraint usage_counters_period_check check (period = date_trunc('month', period)::date),
  constraint usage_counters_reserved_micros_check check (reserved_micros >= 0),
  constraint usage_counters_cost_micros_check check (cost_micros >= 0)
);
comment on table public.usage_counters is 'What a user has used of the outside services in a calendar month (UTC).';
comment on column public.usage_counters.period is 'First day of the month.';
comment on column public.usage_counters.cost_micros is 'Settled cost of generation in millionths of a US dollar.';
comment on column public.usage_counters.reserved_micros is
  'Promised to generations whose end is not known yet; counts against the budget.';
comment on column public.usage_counters.renders is 'Renders that were submitted.';
create trigger usage_counters_touch before update on public.usage_counters
  for each row execute function private.touch_updated_at();
alter table public.usage_counters enable row level security;
grant select on public.usage_counters to authenticated;
create policy "users see their own usage" on public.usage_counters
  for select to authenticated using (user_id = (select auth.uid()));

create function private.usage_period(p_at timestamptz) returns date
language plpgsql immutable set search_path = '' as $$
begin
  return date_trunc('month', p_at at time zone 'UTC')::date;
end
$$;
comment on function private.usage_period(timestamptz) is 'The month of usage_counters in which an instant lies.';

insert into private.settings (key, value)
values ('subject_salt', to_jsonb(gen_random_uuid()::text || gen_random_uuid()))
on conflict on constraint settings_pkey do nothing;

create table private.usage_subjects (
  user_id uuid not null,
  subject text not null,
  constraint usage_subjects_pkey primary key (user_id),
  constraint usage_subjects_user_id_fkey foreign key (user_id) references public.users (id) on delete cascade
);
create index usage_subjects_subject_idx on private.usage_subjects (subject);
comment on table private.usage_subjects is
  'Whose spending an account counts: a hash of its first e-mail address with this deployment''s own salt.';
alter table private.usage_subjects enable row level security;

create table private.erased_usage (
  subject text not null,
  period date not null,
  generations integer not null,
  input_tokens bigint not null,
  output_tokens bigint not null,
  cost_micros bigint not null,
  renders integer not null,
  render_credits bigint not null,
  constraint erased_usage_pkey primary key (subject, period)
);
comment on table private.erased_usage is
  'What accounts that were erased had used in this month, under a hash: to be erased and to sign up again is no way to '
  'a new budget. Gone when the month is over, or with the account that it was given back to.';
alter table private.erased_usage enable row level security;

create function private.usage_subject(p_user uuid) returns text
language sql stable set search_path = '' as $$
  select encode(sha256(convert_to(
    (private.setting('subject_salt') #>> '{}')
      -- What follows a plus is the mailbox's own business.
      || coalesce(
        (select regexp_replace(lower(email), '\+[^@]*@', '@') from auth.users where id = p_user), p_user::text),
    'UTF8')), 'hex')
$$;

create function private.return_usage(p_user uuid, p_subject text) returns void
language sql set search_path = '' as $$
  with used as (delete from private.erased_usage where subject = p_subject returning *)
  insert into public.usage_counters as u
    (user_id, period, generations, input_tokens, output_tokens, cost_micros, renders, render_credits)
  select p_user, period, generations, input_tokens, output_tokens, cost_micros, renders, render_credits
  from used where period >= private.usage_period(private.now())
  on conflict on constraint usage_counters_pkey do update
  set generations = u.generations + excluded.generations, input_tokens = u.input_tokens + excluded.input_tokens,
      output_tokens = u.output_tokens + excluded.output_tokens, cost_micros = u.cost_micros + excluded.cost_micros,
      renders = u.renders + excluded.renders, render_credits = u.render_credits + excluded.render_credits
$$;

create function private.restore_usage() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_subject text := private.usage_subject(new.id);
begin
  insert into private.usage_subjects (user_id, subject) values (new.id, v_subject);
  perform private.return_usage(new.id, v_subject);
  return null;
end
$$;
create trigger users_restore_usage after insert on public.users
  for each row execute function private.restore_usage();

create function private.keep_usage() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_subject text := (select subject from private.usage_subjects where user_id = old.id);
  v_heir uuid;
begin
  delete from private.erased_usage where period < private.usage_period(private.now());
  insert into private.erased_usage as e
    (subject, period, generations, input_tokens, output_tokens, cost_micros, renders, render_credits)
  -- What was promised and not settled may have been billed.
  select v_subject, u.period, u.generations, u.input_tokens, u.output_tokens, u.cost_micros + u.reserved_micros,
    u.renders, u.render_credits
  from public.usage_counters u
  where u.user_id = old.id and u.period >= private.usage_period(private.now())
  on conflict on constraint erased_usage_pkey do update
  set generations = e.generations + excluded.generations, input_tokens = e.input_tokens + excluded.input_tokens,
      output_tokens = e.output_tokens + excluded.output_tokens, cost_micros = e.cost_micros + excluded.cost_micros,
      renders = e.renders + excluded.renders, render_credits = e.render_credits + excluded.render_credits;
  -- An erasure takes its time, so the next account of the same mailbox may be there already.
  select user_id into v_heir from private.usage_subjects
  where subject = v_subject and user_id <> old.id order by user_id limit 1;
  if v_heir is not null then
    perform private.return_usage(v_heir, v_subject);
  end if;
  return old;
end
$$;
create trigger users_keep_usage before delete on public.users
  for each row execute function private.keep_usage();

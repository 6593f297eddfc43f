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

-- The log of what happened, as far as users are concerned.

create function private.request_id() returns text
language plpgsql stable set search_path = '' as $$
begin
  return substring(nullif(current_setting('request.headers', true), '')::jsonb ->> 'x-request-id'
    from '^[A-Za-z0-9._-]{8,64}$');
end
$$;
comment on function private.request_id() is
  'The request for which the functions make this call of the Data API: they send its id along. Null outside of one.';

create table public.system_logs (
  id bigint generated always as identity,
  event_type text not null,
  severity text not null,
  source text not null,
  message text not null,
  details jsonb not null default '{}',
  user_id uuid,
  request_id text,
  created_at timestamptz not null default clock_timestamp(),
  constraint system_logs_pkey primary key (id),
  constraint system_logs_user_id_fkey foreign key (user_id) references public.users (id) on delete cascade,
  constraint system_logs_severity_check check (severity in ('debug', 'info', 'warning', 'error', 'critical'))
);
comment on table public.system_logs is 'Events worth telling the user they concern; kept for 30 days.';
create index system_logs_user_id_created_at_idx on public.system_logs (user_id, created_at desc);
create index system_logs_created_at_idx on public.system_logs (created_at);
alter table public.system_logs enable row level security;
grant select on public.system_logs to authenticated;
create policy "users see what concerns them" on public.system_logs
  for select to authenticated using (user_id = (select auth.uid()));
select cron.schedule('prune-system-logs', '30 3 * * *',
  $$delete from public.system_logs where created_at < now() - interval '30 days'$$);

create function private.log_event(
  p_type text, p_severity text, p_source text, p_message text, p_details jsonb default '{}', p_user uuid default null
) returns void
language sql set search_path = '' as $$
  insert into public.system_logs (event_type, severity, source, message, details, user_id, request_id)
  values (p_type, p_severity, p_source, p_message, p_details, p_user, private.request_id())
$$;

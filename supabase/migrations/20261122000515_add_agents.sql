-- Programs that act for users through the Model Context Protocol, and what each user allows each of them.

create table public.agents (
  user_id uuid not null,
  id uuid not null,
  may_spend boolean not null default false,
  may_publish boolean not null default false,
  daily_cost_micros bigint not null default 1000000,
  daily_credits bigint not null default 100,
  daily_publications bigint not null default 3,
  version bigint not null default 1,
  created_at timestamptz not null default private.now(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint agents_pkey primary key (user_id, id),
  constraint agents_user_id_fkey foreign key (user_id) references public.users (id) on delete cascade,
  constraint agents_daily_cost_micros_check check (daily_cost_micros between 0 and 1000000000),
  constraint agents_daily_credits_check check (daily_credits between 0 and 100000),
  constraint agents_daily_publications_check check (daily_publications between 0 and 100)
);
comment on table public.agents is
  'What a user lets a program do beside reading. A program without a row may only read.';
comment on column public.agents.id is 'The program''s client_id at the sign-in service, as its access tokens name it.';
comment on column public.agents.daily_cost_micros is
  'What it may spend on generation within 24 hours, in millionths of a US dollar.';
comment on column public.agents.daily_credits is 'What it may spend on renders within 24 hours, in credits.';
comment on column public.agents.daily_publications is
  'How many uploads it may schedule, move, change or cancel within 24 hours.';
comment on column public.agents.version is 'Counts edits; the ETag of the resource.';
create trigger agents_touch before update on public.agents
  for each row execute function private.touch_updated_at();
alter table public.agents enable row level security;
grant select on public.agents to authenticated;
create policy "users see their own programs" on public.agents
  for select to authenticated using (user_id = (select auth.uid()));

create function engine.change_agent(p_user uuid, p_agent uuid, p_version bigint, p_changes jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_agent public.agents;
begin
  -- One change of a user's programs at a time, so that counting them is right.
  perform from public.users where id = p_user for no key update;
  select * into v_agent from public.agents where user_id = p_user and id = p_agent;
  if v_agent.id is null then
    if (select count(*) from public.agents where user_id = p_user) >= 100 then
      perform private.refuse(409, 'limit_reached', 'You have allowed a hundred programs something already.');
    end if;
    insert into public.agents (user_id, id, version) values (p_user, p_agent, 0) returning * into v_agent;
  end if;
  perform private.require_version(p_version, v_agent.version,
    'What the program may do was changed since you read it. Read it again.');
  update public.agents
  set may_spend = coalesce((p_changes ->> 'may_spend')::boolean, may_spend),
      may_publish = coalesce((p_changes ->> 'may_publish')::boolean, may_publish),
      daily_cost_micros = coalesce((p_changes ->> 'daily_cost_micros')::bigint, daily_cost_micros),
      daily_credits = coalesce((p_changes ->> 'daily_credits')::bigint, daily_credits),
      daily_publications = coalesce((p_changes ->> 'daily_publications')::bigint, daily_publications),
      version = version + 1
  where user_id = p_user and id = p_agent
  returning * into v_agent;
  return to_jsonb(v_agent) - 'user_id';
end
$$;
comment on function engine.change_agent(uuid, uuid, bigint, jsonb) is
  'Sets what a program may do for a user. Only the user''s own session gets as far as this.';

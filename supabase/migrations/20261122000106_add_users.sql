-- People who used the product, and what they may change about themselves.

create table public.users (
  id uuid not null,
  display_name text,
  time_zone text not null default 'UTC',
  plan jsonb not null default '{}',
  erasing_at timestamptz,
  version bigint not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint users_pkey primary key (id),
  constraint users_id_fkey foreign key (id) references auth.users (id) on delete cascade,
  constraint users_display_name_check check (char_length(display_name) between 1 and 80)
);
comment on table public.users is
  'One row for every auth.users row that used the product. Made on first use, because a hosted project promises no '
  'triggers on auth.';
comment on column public.users.plan is
  'Limits that differ from the deployment''s, by name: requests_per_minute, renders_per_month, render_credits_per_day, '
  'generation_user_month_micros, generation_channel_day. Set by `catalyst users set`.';
comment on column public.users.erasing_at is 'When the user asked to be erased; the row goes with the last channel.';
comment on column public.users.version is 'Counts edits; the ETag of the resource.';
create trigger users_touch before update on public.users for each row execute function private.touch_updated_at();
alter table public.users enable row level security;
grant select on public.users to authenticated;
create policy "users see themselves" on public.users
  for select to authenticated using (id = (select auth.uid()));

create function private.is_time_zone(p_name text) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  perform pg_catalog.now() at time zone p_name;
  -- Postgres also takes abbreviations and offsets, which know nothing of summer time: only IANA's names are zones here.
  return p_name = 'UTC' or p_name ~ '^[A-Z][A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)+$';
exception
  when invalid_parameter_value then
    return false;
end
$$;

create function engine.update_profile(p_user uuid, p_version bigint, p_changes jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_user public.users;
begin
  select * into v_user from public.users where id = p_user for no key update;
  perform private.require_found(v_user.id);
  perform private.require_version(p_version, v_user.version,
    'Your profile has changed since you read it. Read it again and repeat the change.');
  if p_changes ? 'time_zone' and not private.is_time_zone(p_changes ->> 'time_zone') then
    perform private.refuse(422, 'invalid_body',
      'time_zone must be the name of an IANA time zone, for example Europe/Berlin.', '/time_zone');
  end if;
  update public.users
  set display_name = case when p_changes ? 'display_name' then p_changes ->> 'display_name' else display_name end,
      time_zone = coalesce(p_changes ->> 'time_zone', time_zone),
      version = version + 1
  where id = p_user
  returning * into v_user;
  return to_jsonb(v_user);
end
$$;
comment on function engine.update_profile(uuid, bigint, jsonb) is
  'Changes display_name (null clears it) and time_zone; fields that are absent stay. p_version: the ETag the caller '
  'read, null for any.';

-- Who may do what to which rows: read from the catalogue, compared with what is meant; then every guard is weakened in
-- turn, and the comparison must notice.
begin;
select no_plan();

insert into auth.users (id, email)
select ('00000000-0000-4000-8000-00000000e00' || n)::uuid, 'tenant' || n || '@example.test' from generate_series(1, 4) n;
\ir tenants.seed
insert into private.settings (key, value) values ('derived_metrics_accepted_at', '"2026-11-01"') on conflict do nothing;

-- What is meant. `mine` picks the first tenant's rows; each caller's answer is "<rows of it>+<other rows>". No table may be
-- written by anybody, and none read by anon or service_role.
create table pg_temp.meant (relation name primary key, mine text, owner text, editor text, viewer text, stranger text, nobody text, unaccepted text);
grant select on pg_temp.meant to public;
insert into pg_temp.meant values
  ('users', $$id = '00000000-0000-4000-8000-00000000e001'$$, '1+0', '0+1', '0+1', '0+1', '0+0', '1+0'),
  ('usage_counters', $$user_id = '00000000-0000-4000-8000-00000000e001'$$, '1+0', '0+0', '0+0', '0+0', '0+0', '1+0'),
  ('agents', $$user_id = '00000000-0000-4000-8000-00000000e001'$$, '1+0', '0+0', '0+0', '0+0', '0+0', '1+0'),
  ('webhook_endpoints', $$user_id = '00000000-0000-4000-8000-00000000e001'$$, '1+0', '0+0', '0+0', '0+0', '0+0', '1+0'),
  ('webhook_deliveries', $$user_id = '00000000-0000-4000-8000-00000000e001'$$, '1+0', '0+0', '0+0', '0+0', '0+0', '1+0'),
  ('system_logs', $$user_id = '00000000-0000-4000-8000-00000000e001'$$, '1+0', '0+0', '0+0', '0+0', '0+0', '1+0'),
  ('channels', $$id = '00000000-0000-4000-8000-00000000ec01'$$, '1+0', '1+0', '1+0', '0+1', '0+0', '1+0'),
  ('brand_voices', $$channel_id = '00000000-0000-4000-8000-00000000ec01'$$, '1+0', '1+0', '1+0', '0+1', '0+0', '1+0'),
  ('channel_members', $$channel_id = '00000000-0000-4000-8000-00000000ec01'$$, '3+0', '3+0', '3+0', '0+1', '0+0', '3+0'),
  ('performance_scores', $$channel_id = '00000000-0000-4000-8000-00000000ec01'$$, '1+0', '1+0', '1+0', '0+0', '0+0', '0+0');
insert into pg_temp.meant
select relation, $$channel_id = '00000000-0000-4000-8000-00000000ec01'$$, '1+0', '1+0', '1+0', '0+0', '0+0', '1+0'
from unnest(array['videos', 'video_snapshots', 'scored_videos', 'generated_content', 'renders', 'scheduled_uploads']) relation;

create function pg_temp.relations() returns setof name language sql as $$
  select relname from pg_catalog.pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')
$$;

-- What one caller gets for one attempt.
create function pg_temp.attempt(p_caller text, p_statement text) returns text language plpgsql as $$
declare
  v_user uuid := case p_caller
    when 'owner' then '00000000-0000-4000-8000-00000000e001' when 'editor' then '00000000-0000-4000-8000-00000000e002'
    when 'viewer' then '00000000-0000-4000-8000-00000000e003' when 'stranger' then '00000000-0000-4000-8000-00000000e004'
    when 'unaccepted' then '00000000-0000-4000-8000-00000000e001' end::uuid;
  v_role text := case when p_caller in ('anon', 'service_role') then p_caller else 'authenticated' end;
  v_answer text;
begin
  begin
    if p_caller = 'unaccepted' then
      delete from private.settings where key = 'derived_metrics_accepted_at';
    end if;
    perform set_config('request.jwt.claims', jsonb_strip_nulls(jsonb_build_object('sub', v_user, 'role', v_role))::text, true);
    perform set_config('role', v_role, true);
    if p_statement like 'select%' then
      execute p_statement into v_answer;
    else
      execute p_statement;
      v_answer := 'done';
    end if;
    raise exception 'undo' using errcode = 'ZZ001';
  exception
    when sqlstate 'ZZ001' then return v_answer;
    when insufficient_privilege then return 'refused';
    -- A view that cannot be written at all.
    when object_not_in_prerequisite_state then return 'refused';
    when others then return 'got as far as ' || sqlstate;
  end;
end
$$;

-- Where what is differs from what is meant.
create function pg_temp.surprises() returns setof text language plpgsql as $$
declare
  r record;
  v_caller text;
  v_statement text;
  v_is text;
  v_meant text;
begin
  return query select 'no row in the matrix: ' || relation from pg_temp.relations() relation
    where relation not in (select m.relation from pg_temp.meant m);
  return query select 'no such relation: ' || m.relation from pg_temp.meant m where m.relation not in (select pg_temp.relations());
  for r in
    select m.*, to_jsonb(m) as meant,
      (select attname from pg_catalog.pg_attribute a where attrelid = ('public.' || m.relation)::regclass and attnum > 0
         and not attisdropped and attidentity = '' order by attnum limit 1) as col
    from pg_temp.meant m
  loop
    foreach v_caller in array array['anon', 'owner', 'editor', 'viewer', 'stranger', 'nobody', 'unaccepted', 'service_role'] loop
      foreach v_statement in array array[
        format('select count(*) filter (where %1$s) || ''+'' || count(*) filter (where (%1$s) is not true) from public.%2$I', r.mine, r.relation),
        format('insert into public.%I default values', r.relation),
        format('update public.%I set %I = %I', r.relation, r.col, r.col),
        format('delete from public.%I', r.relation)]
      loop
        v_meant := case when v_statement like 'select%' and v_caller not in ('anon', 'service_role') then r.meant ->> v_caller else 'refused' end;
        v_is := pg_temp.attempt(v_caller, v_statement);
        if v_is is distinct from v_meant then
          return next format('%s: %s: meant %s, is %s', v_caller, v_statement, v_meant, v_is);
        end if;
      end loop;
    end loop;
  end loop;
  -- Programs write nothing, whatever is granted one day.
  return query
    select format('programs may %s %s', v.verb, c.oid::regclass)
      from pg_catalog.pg_class c, (values ('insert', 'a'), ('update', 'w'), ('delete', 'd')) v (verb, command)
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not exists (
        select from pg_catalog.pg_policy p
        where p.polrelid = c.oid and p.polcmd = v.command::"char" and not p.polpermissive
          and p.polroles @> array['authenticated'::regrole::oid]
          and coalesce(pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid))
            = '( SELECT private.acts_alone() AS acts_alone)');
  -- Nobody reaches the other two schemas.
  return query
    select format('%s may use schema %s', role, schema) from unnest(array['anon', 'authenticated']) role, unnest(array['engine']) schema
      where has_schema_privilege(role, schema, 'usage')
    union all
    select format('%s may %s %s', role, verb, c.oid::regclass)
      from pg_catalog.pg_class c, unnest(array['anon', 'authenticated', 'service_role']) role,
        unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) verb
      where (c.relnamespace = 'private'::regnamespace
          or (c.relnamespace = 'public'::regnamespace and (verb <> 'select' or role <> 'authenticated')))
        and c.relkind in ('r', 'p', 'v', 'm', 'f')
        and (has_table_privilege(role, c.oid, verb)
          or (verb in ('select', 'insert', 'update', 'references') and has_any_column_privilege(role, c.oid, verb)))
    union all
    select format('%s may execute %s', role, p.oid::regprocedure)
      from pg_catalog.pg_proc p, unnest(array['anon', 'authenticated']) role
      where p.pronamespace in ('engine'::regnamespace, 'public'::regnamespace) and has_function_privilege(role, p.oid, 'execute')
        -- The functions for users: they run with their caller's rights.
        and not (p.proname in ('channel_insights', 'list_videos', 'video_details') and role = 'authenticated' and not p.prosecdef)
    union all
    select format('service_role may not execute %s', p.oid::regprocedure) from pg_catalog.pg_proc p
      where p.pronamespace = 'engine'::regnamespace and not has_function_privilege('service_role', p.oid, 'execute')
    union all
    select format('a definer function without a search path: %s', p.oid::regprocedure) from pg_catalog.pg_proc p
      where p.pronamespace in ('engine'::regnamespace, 'private'::regnamespace, 'public'::regnamespace) and p.prosecdef
        and not coalesce(p.proconfig, '{}') @> array['search_path=""'];
end
$$;

select is_empty('select pg_temp.surprises()', 'every caller gets from every table what is meant, and no more');
select is_empty($$ select c.oid::regclass from pg_catalog.pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
  and not c.relrowsecurity $$, 'every table of public has row level security');

-- Mutants --------------------------------------------------------------------------------------------------------------

create function pg_temp.is_caught(p_mutation text) returns boolean language plpgsql as $$
declare
  v_caught boolean;
begin
  begin
    execute p_mutation;
    v_caught := exists (select pg_temp.surprises());
    raise exception 'undo' using errcode = 'ZZ002';
  exception when sqlstate 'ZZ002' then
    return v_caught;
  end;
end
$$;

create table pg_temp.mutants as
  with policy as (
    select polname, polrelid::regclass as relation, pg_catalog.pg_get_expr(polqual, polrelid) as condition
    from pg_catalog.pg_policy join pg_catalog.pg_class c on c.oid = polrelid
    where c.relnamespace = 'public'::regnamespace and polcmd <> 'a'
  ), insertion as (
    select polname, polrelid::regclass as relation
    from pg_catalog.pg_policy join pg_catalog.pg_class c on c.oid = polrelid
    where c.relnamespace = 'public'::regnamespace and polcmd = 'a'
  ), relation as (
    select oid::regclass as relation, relkind from pg_catalog.pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v')
  )
  select format('drop policy %I on %s', polname, relation) as mutation from policy
  union all select format('drop policy %I on %s', polname, relation) from insertion
  union all select format('alter policy %I on %s with check (true)', polname, relation) from insertion
  union all select format('alter policy %I on %s using (true)', polname, relation) from policy
  union all select format('alter policy %I on %s using (false)', polname, relation) from policy
  union all select format('alter policy %I on %s using ((select auth.uid()) is not null)', polname, relation) from policy
  union all select format('alter policy %I on %s using (not (%s))', polname, relation, condition) from policy
  union all select format('create policy more on %s for select to authenticated using (true)', relation) from policy
  -- One half of a condition of two.
  union all select format('alter policy %I on %s using (channel_id in (select private.my_channels()))', polname, relation) from policy
    where condition like '%setting%'
  union all select format('alter policy %I on %s using ((select private.setting(''derived_metrics_accepted_at'')) is not null)', polname, relation)
    from policy where condition like '%setting%'
  union all select format('alter table %s disable row level security', relation) from relation where relkind <> 'v'
  union all select format('alter view %s set (security_invoker = false)', relation) from relation where relkind = 'v'
  union all select format('revoke select on %s from authenticated', relation) from relation
  union all select format('grant %s on %s to %s', verb, relation, role) from relation,
    unnest(array['insert', 'update', 'delete', 'truncate']) verb, unnest(array['anon', 'authenticated', 'service_role']) role
  union all select format('grant select on %s to %s', relation, role) from relation, unnest(array['anon', 'service_role']) role
  union all select format('grant select on %s to authenticated', c.oid::regclass) from pg_catalog.pg_class c
    where c.relnamespace = 'private'::regnamespace and c.relkind = 'r'
  union all select format('grant execute on function %s to authenticated', p.oid::regprocedure) from pg_catalog.pg_proc p
    where p.pronamespace = 'engine'::regnamespace
  union all values
    ('grant usage on schema engine to authenticated'),
    ('grant update (display_name) on public.users to authenticated'),
    ('grant select (refresh_token) on private.channel_credentials to authenticated'),
    ('create table public.forgotten (id uuid)'),
    ('create view public.forgotten as select * from public.videos'),
    ($$create or replace function private.my_channels() returns setof uuid language sql stable security definer set search_path = ''
       as 'select id from public.channels'$$),
    ($$create or replace function private.my_channels() returns setof uuid language sql stable security definer set search_path = ''
       as 'select channel_id from public.channel_members'$$),
    ($$create or replace function private.my_channels() returns setof uuid language sql stable security definer set search_path = ''
       as 'select channel_id from public.channel_members where user_id = (select auth.uid()) and role = ''owner'''$$);

insert into pg_temp.mutants values ('alter function public.channel_insights(uuid) security definer');

select cmp_ok((select count(*) from pg_temp.mutants), '>', 250::bigint, 'there are mutants of every policy, table and grant');
select is_empty('select mutation from pg_temp.mutants where not pg_temp.is_caught(mutation)', 'every weakened guard is noticed');
select is_empty('select pg_temp.surprises()', 'and everything is as it was');

select diag((select count(*) from pg_temp.mutants) || ' mutants');
select * from finish();
rollback;

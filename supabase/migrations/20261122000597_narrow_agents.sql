-- A program's token reads what its user reads, and does nothing else through the Data API.

create function private.acts_alone() returns boolean
language sql stable set search_path = '' as $$
  select not coalesce(auth.jwt() ? 'client_id', false)
$$;
comment on function private.acts_alone() is
  'Whether the caller''s token is of a session of the user''s own, and not of a program that acts for the user.';
grant execute on function private.acts_alone() to authenticated;

-- No API role may write any table of `public` to begin with. These policies hold whatever is granted later, and a test
-- wants them of every table that there is.
do $$
declare
  v_table regclass;
begin
  for v_table in
    select c.oid from pg_catalog.pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
    union all
    select 'storage.objects'::regclass
  loop
    -- Storage outlives a schema that is made anew.
    execute format('drop policy if exists "programs insert nothing" on %s', v_table);
    execute format('drop policy if exists "programs update nothing" on %s', v_table);
    execute format('drop policy if exists "programs delete nothing" on %s', v_table);
    execute format('create policy "programs insert nothing" on %s as restrictive for insert to authenticated '
      'with check ((select private.acts_alone()))', v_table);
    execute format('create policy "programs update nothing" on %s as restrictive for update to authenticated '
      'using ((select private.acts_alone()))', v_table);
    execute format('create policy "programs delete nothing" on %s as restrictive for delete to authenticated '
      'using ((select private.acts_alone()))', v_table);
  end loop;
end
$$;

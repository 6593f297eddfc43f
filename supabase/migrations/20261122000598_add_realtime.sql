-- Changes of rows that users may read are told by Supabase Realtime (`postgres_changes`), under the same policies. A
-- project has the publication for it; a plain Postgres has none.

create function private.publish_to_realtime() returns void
language plpgsql set search_path = '' as $$
declare
  v_table regclass;
begin
  if not exists (select from pg_catalog.pg_publication where pubname = 'supabase_realtime' and not puballtables) then
    return;
  end if;
  for v_table in
    select c.oid from pg_catalog.pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relrowsecurity
      and pg_catalog.has_table_privilege('authenticated', c.oid, 'select')
      and not exists (select from pg_catalog.pg_publication_rel r join pg_catalog.pg_publication p on p.oid = r.prpubid
        where p.pubname = 'supabase_realtime' and r.prrelid = c.oid)
    order by c.relname
  loop
    execute format('alter publication supabase_realtime add table %s', v_table);
  end loop;
end
$$;
comment on function private.publish_to_realtime() is
  'Adds every table that users may read to the publication of Supabase Realtime, where there is one.';
select private.publish_to_realtime();

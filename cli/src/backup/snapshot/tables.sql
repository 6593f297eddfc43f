-- What is backed up. Users and how they sign in belong to it; the platform's own bookkeeping does not, and neither do
-- the secrets in Vault, which another project could not decrypt. Of pgmq only the queues: the extension brings the rest.
select jsonb_build_object('schema', n.nspname, 'name', c.relname, 'columns', a.columns, 'rows', 0, 'bytes', 0, 'sha256', ''),
  coalesce(k.columns, 'r::text collate "C"')
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
cross join lateral (
  select jsonb_agg(jsonb_build_array(a.attname, format_type(a.atttypid, a.atttypmod)) order by a.attnum) as columns
  from pg_attribute a
  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
) a
left join lateral (
  select string_agg(format('r.%I', a.attname) || case when a.attcollation <> 0 then ' collate "C"' else '' end, ', ' order by k.n) as columns
  from pg_index i
  cross join lateral unnest(i.indkey::smallint[]) with ordinality as k (attnum, n)
  join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
  where i.indrelid = c.oid and i.indisprimary
) k on true
where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence = 'p' and a.columns is not null
  and (n.nspname in ('public', 'private', 'engine')
    or (n.nspname = 'auth' and c.relname not in ('schema_migrations', 'audit_log_entries', 'instances'))
    or (n.nspname = 'pgmq' and c.relname ~ '^[qa]_')
    or (n.nspname = 'supabase_migrations' and c.relname in ('schema_migrations', 'catalyst_checksums')))
order by n.nspname, c.relname

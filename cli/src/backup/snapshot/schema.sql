-- The product's own schemas, object by object. What one version of Postgres may write otherwise than another is marked.
with own as (
  select c.oid, c.relkind, c.relrowsecurity, c.relforcerowsecurity, n.nspname || '.' || c.relname as name
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname in ('public', 'private', 'engine') and not c.relispartition
), objects (name, hash) as (
select 'table ' || name, md5(relrowsecurity::text || relforcerowsecurity::text || (
  select string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull::text || a.attidentity::text || a.attgenerated::text, ',' order by a.attname)
  from pg_attribute a where a.attrelid = own.oid and a.attnum > 0 and not a.attisdropped))
from own where relkind in ('r', 'p')
union all
select 'view ' || name, '' from own where relkind in ('v', 'm')
union all
select 'index ' || name, '' from own where relkind in ('i', 'I')
union all
select 'policy ' || own.name || ' ' || p.polname,
  md5(p.polcmd::text || p.polpermissive::text || array(select rolname from pg_roles where oid = any (p.polroles) order by 1)::text)
from pg_policy p join own on own.oid = p.polrelid
union all
select 'policy ' || own.name || ' ' || p.polname || ' (text)',
  md5(coalesce(pg_get_expr(p.polqual, p.polrelid), '') || '/' || coalesce(pg_get_expr(p.polwithcheck, p.polrelid), ''))
from pg_policy p join own on own.oid = p.polrelid
union all
select 'constraint ' || own.name || ' ' || c.conname || ' (text)', md5(pg_get_constraintdef(c.oid))
from pg_constraint c join own on own.oid = c.conrelid where c.contype <> 'n'
union all
select 'trigger ' || own.name || ' ' || t.tgname, md5(t.tgtype::text || t.tgenabled::text || t.tgfoid::regproc::text)
from pg_trigger t join own on own.oid = t.tgrelid where not t.tgisinternal
union all
select 'function ' || n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
  md5(p.prosrc || p.prosecdef::text || p.provolatile::text || coalesce(p.proconfig::text, ''))
from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname in ('public', 'private', 'engine')
)
select name, left(coalesce(hash, ''), 12) from objects

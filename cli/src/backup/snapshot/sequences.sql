-- The sequences that belong to columns of these tables.
select distinct n.nspname, s.relname
from pg_class s
join pg_namespace n on n.oid = s.relnamespace
join pg_depend d on d.objid = s.oid and d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')
join pg_class c on c.oid = d.refobjid
where s.relkind = 'S' and s.relpersistence = 'p' and n.nspname || '.' || c.relname = any ($1)
order by 1, 2

-- What Supabase Realtime tells of: the tables that users may read, and no other.
begin;
select no_plan();

select lives_ok('select private.publish_to_realtime()', 'without the publication there is nothing to do');
create publication supabase_realtime;
select lives_ok('select private.publish_to_realtime()', 'with it the tables are added');
select lives_ok('select private.publish_to_realtime()', 'once');
select set_eq(
  $$ select tablename::text from pg_publication_tables where pubname = 'supabase_realtime' and schemaname = 'public' $$,
  $$ select c.relname::text from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
     and has_table_privilege('authenticated', c.oid, 'select') $$,
  'every table that users may read is in it');
select is_empty(
  $$ select tablename from pg_publication_tables where pubname = 'supabase_realtime' and schemaname <> 'public' $$,
  'and none of another schema');
select is_empty(
  $$ select p.tablename from pg_publication_tables p join pg_class c on c.oid = format('%I.%I', schemaname, tablename)::regclass
     where p.pubname = 'supabase_realtime' and not c.relrowsecurity $$,
  'and none without row level security');

select * from finish();
rollback;

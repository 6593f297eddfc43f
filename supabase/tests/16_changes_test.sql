-- A change and the count of its request are one call: what is counted, what is undone, and what can be called at all.
begin;
select no_plan();

-- A deployment of which nobody has changed the defaults.
set local synchronous_commit = on;
\ir channels.seed
create function pg_temp.change(
  p_function text, p_arguments jsonb, p_user uuid default pg_temp.owner(), p_per_minute integer default 3
) returns jsonb language sql as $$ select engine.change(p_user, 'write', p_per_minute, p_function, p_arguments) $$;
create function pg_temp.rename(p_name text, p_version bigint default null) returns jsonb language sql as $$
  select pg_temp.change('update_profile', jsonb_build_object('p_version', p_version, 'p_changes', jsonb_build_object('display_name', p_name)))
$$;
create function pg_temp.name() returns text language sql as $$ select display_name from public.users where id = pg_temp.owner() $$;
create function pg_temp.left() returns integer language sql as $$
  select (private.take_rate_limit(pg_temp.owner(), 'write', 3) ->> 'remaining')::integer
$$;
create function pg_temp.forget() returns void language sql as $$ delete from private.rate_limits $$;

create temp table answers as select 1 as n, pg_temp.rename('Ada') as answer;
select is((select answer #>> '{answer,display_name}' from answers), 'Ada', 'the answer is the function''s own');
select is(pg_temp.name(), 'Ada', 'and the change is made');
select is((select answer #> '{limit,remaining}' from answers), '2', 'its request counts');
select is((select answer -> 'refusal' from answers), 'null', 'and nothing refused it');
select is(current_setting('synchronous_commit'), 'on', 'a change waits for the disk to have it');

truncate answers;
insert into answers values (1, pg_temp.rename('Bob', 99));
select is((select answer #>> '{refusal,code}' from answers), 'version_mismatch', 'a refusal is data');
select is((select answer #> '{refusal,status}' from answers), '412', 'with its status');
select is((select answer #> '{limit,remaining}' from answers), '1', 'a refused change counts');
select is(pg_temp.name(), 'Ada', 'and changes nothing');
select is(pg_temp.rename('Cy', 99) #> '{limit,remaining}', '0', 'the next one too');
truncate answers;
insert into answers values (1, pg_temp.rename('Dora'));
select is((select answer #> '{limit,allowed}' from answers), 'false', 'whoever has nothing left is refused');
select is(pg_temp.name(), 'Ada', 'before anything is done');

-- The limiter is asked again at the end, when somebody else took the last of it meanwhile.
select pg_temp.forget();
create function pg_temp.steal() returns trigger language plpgsql as $$
begin
  perform private.take_rate_limit(pg_temp.owner(), 'write', 3) from generate_series(1, 2);
  return new;
end
$$;
select is(pg_temp.rename('Eve') #> '{limit,allowed}', 'true', 'one is taken');
create trigger steal after update on public.users for each row execute function pg_temp.steal();
truncate answers;
insert into answers values (1, pg_temp.rename('Fay'));
drop trigger steal on public.users;
select is((select answer #> '{limit,allowed}' from answers), 'false', 'the last one went to somebody else');
select is(pg_temp.name(), 'Eve', 'so the change is undone');

-- A user who is new.
select pg_temp.forget();
insert into auth.users (id) values ('00000000-0000-4000-8000-00000000a009');
select is(
  pg_temp.change('update_profile', '{"p_changes": {"display_name": "New"}}', '00000000-0000-4000-8000-00000000a009') #>> '{answer,display_name}',
  'New', 'the first request of a user makes their row');
select throws_ok($$ select pg_temp.change('revoke_calendar_feed', '{}', '00000000-0000-4000-8000-00000000a00f') $$,
  'PT401', 'token_invalid', 'nobody without an account changes anything');

-- Names that no operation declares, whatever they look like.
create temp table hostile (name text);
insert into hostile values
  (null), (''), ('check_rate_limit'), ('change'), ('run_change'), ('begin_erase_user'), ('erase_channel'), ('claim_steps'), ('pg_sleep'),
  ('update_profile '), ('UPDATE_PROFILE'), ('engine.update_profile'), ('private.refuse'), ('"update_profile"'),
  ('update_profile; drop table public.users'), ('update_profile(p_user, null, ''{}'') --'), ('update_profile' || chr(1));
select throws_ok(format('select pg_temp.change(%L, %L)', name, '{"p_user": "x", "p_changes": {"display_name": "Mallory"}}'),
  '42883', null, 'no change is called ' || coalesce(name, 'nothing')) from hostile;
-- Arguments that are not what a function takes, and a user who is not the one who asks.
select throws_ok(format('select pg_temp.change(%L, %L)', name, arguments), '22P02', null, name || ' takes no ' || arguments) from (values
  ('update_channel', '{"p_channel": "x'' or true --"}'), ('cancel_upload', '{"p_upload": "*"}'), ('edit_content', '{"p_version": "1; select 1"}'),
  ('replay_webhook_delivery', '{"p_delivery": "../"}')) hostile (name, arguments);
select is(
  pg_temp.change('update_channel', jsonb_build_object('p_user', pg_temp.stranger(), 'p_channel', pg_temp.others_channel(),
    'p_changes', '{"minimum_gap_minutes": 1}'::jsonb)) #>> '{refusal,code}',
  'not_found', 'who asks is who the function was told, not who the arguments say');
select is((select minimum_gap_minutes from public.channels where id = pg_temp.others_channel()), 60, 'so nothing of another''s is changed');
select is(pg_temp.name(), 'Eve', 'and nothing of one''s own');

-- What is no refusal ends the transaction, with the count.
select pg_temp.forget();
select is(pg_temp.rename('Gus') #> '{limit,remaining}', '2', 'counted once');
select throws_ok($$ select pg_temp.rename(repeat('x', 81)) $$, '23514', null, 'a constraint is no refusal of ours');
select is(pg_temp.left(), 1, 'and its call leaves no count');

select ok(not has_function_privilege(role, 'engine.change(uuid, text, integer, integer, text, jsonb)', 'execute'), role || ' may not call it')
from unnest(array['anon', 'authenticated']) role;

select * from finish();
rollback;

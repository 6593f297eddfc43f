begin;
select plan(10);

-- A deployment of which nobody has changed the defaults.
set local synchronous_commit = on;
insert into auth.users (id) values ('00000000-0000-4000-8000-00000000b101'), ('00000000-0000-4000-8000-00000000b102');
create function pg_temp.ask(p_user uuid default '00000000-0000-4000-8000-00000000b101', p_class text default 'write') returns jsonb
language sql as $$ select engine.check_rate_limit(p_user, p_class, 7, 2) $$;

create temp table asked as select n, pg_temp.ask() as answer from generate_series(1, 4) n;
select is((select jsonb_agg(answer -> 'allowed' order by n) from asked), '[true, true, true, false]', 'so many are let through at once, and no more');
select is((select jsonb_agg(answer -> 'remaining' order by n) from asked), '[2, 1, 0, 0]', 'each answer tells what is left');
select is((select jsonb_agg((answer ->> 'retry_after_seconds')::integer between 60 and 61 order by n) from asked), '[false, false, false, true]',
  'and who is refused, when the next one is let through');
select is(pg_temp.ask(p_class => 'read') -> 'allowed', 'true', 'another class has its own limit');
select is(pg_temp.ask('00000000-0000-4000-8000-00000000b102') -> 'allowed', 'true', 'and another user theirs');
select is((select count(*) from public.users where id::text like '00000000-0000-4000-8000-00000000b10%'), 2::bigint,
  'the first request makes the user''s row');
select throws_ok($$ select pg_temp.ask('00000000-0000-4000-8000-00000000b103') $$, 'PT401', 'token_invalid', 'nobody without an account asks');
update private.rate_limits set newest_second = newest_second - 59
where user_id = '00000000-0000-4000-8000-00000000b101' and class = 'write';
select is(pg_temp.ask() -> 'allowed', 'false', 'nothing comes back before a minute is over');
update private.rate_limits set newest_second = newest_second - 2
where user_id = '00000000-0000-4000-8000-00000000b101' and class = 'write';
select is(pg_temp.ask() -> 'remaining', '2', 'then all of it does');
select is(current_setting('synchronous_commit'), 'off', 'no request waits for the disk to hear it');

select * from finish();
rollback;

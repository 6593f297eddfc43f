-- Programs that act for users: what they may do, what a confirmation is good for, and what their tokens may not write.
begin;
select no_plan();
\ir channels.seed

create function pg_temp.program() returns uuid language sql immutable as $$ select '00000000-0000-4000-8000-00000000ca01'::uuid $$;
create function pg_temp.other_program() returns uuid language sql immutable as $$ select '00000000-0000-4000-8000-00000000ca02'::uuid $$;
create function pg_temp.price(p_cost bigint default 0, p_credits bigint default 0, p_publications bigint default 0) returns jsonb
language sql as $$ select jsonb_build_object('cost_micros', p_cost, 'credits', p_credits, 'publications', p_publications) $$;
create function pg_temp.make(p_token text, p_price jsonb, p_program uuid default pg_temp.program()) returns timestamptz language sql as $$
  select engine.make_agent_offer(pg_temp.owner(), p_program, 'tool', p_token, 'digest', p_price) $$;
create function pg_temp.take(
  p_token text, p_price jsonb, p_program uuid default pg_temp.program(), p_user uuid default pg_temp.owner(), p_tool text default 'tool',
  p_digest text default 'digest'
) returns void language sql as $$ select engine.take_agent_offer(p_user, p_program, p_tool, p_token, p_digest, p_price) $$;
create function pg_temp.change(p_changes jsonb, p_version bigint default null) returns jsonb language sql as $$
  select engine.change_agent(pg_temp.owner(), pg_temp.program(), p_version, p_changes) $$;

-- What the user allows --------------------------------------------------------------------------------------------------

select throws_ok($$ select pg_temp.make('t', pg_temp.price(1)) $$, 'PT403', 'agent_not_allowed', 'nothing is allowed to begin with: spending');
select throws_ok($$ select pg_temp.make('t', pg_temp.price(0, 0, 1)) $$, 'PT403', 'agent_not_allowed', 'nor publishing');
select throws_ok($$ select pg_temp.make('t', pg_temp.price()) $$, 'PT403', 'agent_not_allowed', 'nor what costs nothing');
select is(pg_temp.change('{"may_spend": true}') - 'created_at' - 'updated_at',
  jsonb_build_object('id', pg_temp.program(), 'may_spend', true, 'may_publish', false, 'daily_cost_micros', 1000000, 'daily_credits', 100,
    'daily_publications', 3, 'version', 1), 'one thing is allowed, with the usual caps');
select throws_ok($$ select pg_temp.make('t', pg_temp.price(0, 0, 1)) $$, 'PT403', 'agent_not_allowed', 'and the other is not');
select throws_ok($$ select pg_temp.change('{"may_publish": true}', 7) $$, 'PT412', 'version_mismatch', 'an older version changes nothing');
select is(pg_temp.change('{"may_publish": true, "daily_credits": 5}', 1) ->> 'version', '2', 'the newest does');
select throws_ok($$ select pg_temp.change('{"daily_credits": -1}') $$, '23514', null, 'no cap is below zero');
insert into public.agents (user_id, id) select pg_temp.stranger(), gen_random_uuid() from generate_series(1, 100);
select throws_ok($$ select engine.change_agent(pg_temp.stranger(), pg_temp.program(), null, '{"may_spend": true}') $$, 'PT409', 'limit_reached',
  'a hundred programs are enough');

-- Offers ----------------------------------------------------------------------------------------------------------------

select ok((select expires_at between private.now() + interval '599 seconds' and private.now() + interval '600 seconds'
  from pg_temp.make('t1', pg_temp.price(10)) as expires_at), 'an offer lasts ten minutes');
select throws_ok($$ select pg_temp.take('t1', pg_temp.price(10), p_digest => 'other') $$, 'PT409', 'confirmation_invalid', 'not for other arguments');
select throws_ok($$ select pg_temp.take('t1', pg_temp.price(10), p_tool => 'other') $$, 'PT409', 'confirmation_invalid', 'not for another tool');
select throws_ok($$ select pg_temp.take('t2', pg_temp.price(10)) $$, 'PT409', 'confirmation_invalid', 'not with another token');
insert into public.agents (user_id, id, may_spend) values (pg_temp.owner(), pg_temp.other_program(), true);
select throws_ok($$ select pg_temp.take('t1', pg_temp.price(10), pg_temp.other_program()) $$, 'PT409', 'confirmation_invalid', 'not for another program');
insert into public.agents (user_id, id, may_spend) values (pg_temp.viewer(), pg_temp.program(), true);
select throws_ok($$ select pg_temp.take('t1', pg_temp.price(10), p_user => pg_temp.viewer()) $$, 'PT409', 'confirmation_invalid', 'not for another user');
select lives_ok($$ select pg_temp.take('t1', pg_temp.price(10)) $$, 'but for exactly this call');
select throws_ok($$ select pg_temp.take('t1', pg_temp.price(10)) $$, 'PT409', 'confirmation_invalid', 'once');
select isnt_empty($$ select pg_temp.make('t3', pg_temp.price(10)) $$, 'another one');
update private.agent_offers set expires_at = private.now() where token_hash = 't3';
select throws_ok($$ select pg_temp.take('t3', pg_temp.price(10)) $$, 'PT409', 'confirmation_invalid', 'is over when its time is');

-- Caps ------------------------------------------------------------------------------------------------------------------

select isnt_empty($$ select pg_temp.make('c1', pg_temp.price(0, 3)) $$, 'three of five credits');
select isnt_empty($$ select pg_temp.make('c2', pg_temp.price(0, 3)) $$, 'offered twice');
select lives_ok($$ select pg_temp.take('c1', pg_temp.price(0, 3)) $$, 'are taken');
select throws_ok($$ select pg_temp.take('c2', pg_temp.price(0, 3)) $$, 'PT409', 'daily_cap_reached', 'once');
select throws_ok($$ select pg_temp.make('c3', pg_temp.price(0, 3)) $$, 'PT409', 'daily_cap_reached', 'and not offered again');
select isnt_empty($$ select pg_temp.make('c4', pg_temp.price(0, 2)) $$, 'what fits is');
select isnt_empty($$ select pg_temp.make('c5', pg_temp.price(999990)) $$, 'money has a cap of its own');
select throws_ok($$ select pg_temp.make('c6', pg_temp.price(999991)) $$, 'PT409', 'daily_cap_reached', 'that holds to the last');
update private.agent_offers set taken_at = private.now() - interval '24 hours' where token_hash = 'c1';
select lives_ok($$ select pg_temp.take('c2', pg_temp.price(0, 3)) $$, 'a day later there is room');
select isnt_empty($$ select pg_temp.change('{"may_spend": false}') $$, 'what is ended');
select throws_ok($$ select pg_temp.take('c4', pg_temp.price(0, 2)) $$, 'PT403', 'agent_not_allowed', 'is ended for open offers, too');
delete from public.agents where user_id = pg_temp.owner() and id = pg_temp.program();
select is_empty($$ select from private.agent_offers where user_id = pg_temp.owner() and agent_id = pg_temp.program() $$, 'offers go with their program');

-- The Data API ----------------------------------------------------------------------------------------------------------

-- The worst that a later migration could do: a table that its users may write.
grant insert, update, delete on public.channels to authenticated;
create policy "users write their channels" on public.channels for all to authenticated using (true) with check (true);
create function pg_temp.act_as_program(p_user uuid) returns void language plpgsql as $$
begin
  perform set_config('request.jwt.claims',
    json_build_object('sub', p_user, 'role', 'authenticated', 'client_id', '00000000-0000-4000-8000-00000000ca01')::text, true);
  perform set_config('request.jwt.claim.sub', p_user::text, true);
  set local role authenticated;
end
$$;
create function pg_temp.changed(p_statement text) returns bigint language plpgsql as $$
declare
  v_rows bigint;
begin
  execute p_statement;
  get diagnostics v_rows = row_count;
  return v_rows;
end
$$;
grant execute on function pg_temp.changed(text) to public;
select pg_temp.act_as_program(pg_temp.owner());
select cmp_ok((select count(*) from public.channels), '>', 0::bigint, 'a program reads');
select is(pg_temp.changed($$ update public.channels set title = 'taken' $$), 0::bigint, 'and updates nothing');
select is(pg_temp.changed($$ delete from public.channels $$), 0::bigint, 'and deletes nothing');
select throws_ok($$ insert into public.channels (youtube_channel_id, title) values ('UC-x', 'x') $$, '42501', null, 'and inserts nothing');
select is(private.acts_alone(), false, 'because it does not act alone');
reset role;
select pg_temp.act_as(pg_temp.owner());
select cmp_ok(pg_temp.changed($$ update public.channels set title = 'mine' $$), '>', 0::bigint, 'while the user''s own session would');
reset role;

select is_empty($$
  select c.oid::regclass, v.command from pg_catalog.pg_class c, unnest(array['a', 'w', 'd']) v (command)
  where (c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') or c.oid = 'storage.objects'::regclass)
    and not exists (select from pg_catalog.pg_policy p where p.polrelid = c.oid and p.polcmd = v.command::"char" and not p.polpermissive)
  $$, 'every table is closed to programs for every way to write');

select * from finish();
rollback;

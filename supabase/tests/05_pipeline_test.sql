begin;
select plan(36);

-- One step, from its claim to its end ------------------------------------------------------------------------------------

create temp table claimed (n serial, step_id uuid, fence bigint, kind text, subject_id uuid, channel_id uuid, attempt integer, late double precision, request_id text);
create function pg_temp.subject(p_n integer) returns uuid language sql as $$
  select ('00000000-0000-4000-8000-' || lpad(p_n::text, 12, '0'))::uuid
$$;
create function pg_temp.claim(p_limit integer default 1) returns setof uuid language sql as $$
  insert into claimed (step_id, fence, kind, subject_id, channel_id, attempt, late, request_id)
  select * from engine.claim_steps('test', array['maintenance'], p_limit, 60)
  returning subject_id
$$;
create function pg_temp.last() returns claimed language sql as $$ select * from claimed order by n desc limit 1 $$;
create function pg_temp.step(p_n integer) returns private.steps language sql as $$
  select * from private.steps where kind = 'test.step' and subject_id = pg_temp.subject(p_n)
$$;
-- What the end of a lease does: the message can be read again.
create function pg_temp.let_lease_end(p_n integer) returns void language sql as $$
  update pgmq.q_maintenance set vt = clock_timestamp() - interval '1 second' where msg_id = (pg_temp.step(p_n)).message_id
$$;
-- Nothing of other tests is in the way.
update pgmq.q_maintenance set vt = clock_timestamp() + interval '1 day';

select ok(private.enqueue_step('maintenance', 'test.step', pg_temp.subject(1), null) is not null, 'a step is enqueued');
select is(
  private.enqueue_step('maintenance', 'test.step', pg_temp.subject(1), null), (pg_temp.step(1)).id,
  'and asking for it twice gives the same step');
select results_eq('select pg_temp.claim(5)', array[pg_temp.subject(1)], 'it is claimed once');
select is((pg_temp.last()).attempt, 1, 'the claim counts the attempt');
select is((pg_temp.step(1)).attempts, 1, 'before anything has been done');
select is_empty('select pg_temp.claim(5)', 'while the lease lasts nobody else gets it');
select ok(engine.extend_lease((pg_temp.last()).step_id, (pg_temp.last()).fence, 60), 'its holder extends the lease');

select pg_temp.let_lease_end(1);
select results_eq('select pg_temp.claim(5)', array[pg_temp.subject(1)], 'when the lease ends, the step is taken over');
select is((select fence from claimed where n = 2), (select fence + 1 from claimed where n = 1), 'the fence has moved on');
select is(
  engine.extend_lease((select step_id from claimed where n = 1), (select fence from claimed where n = 1), 60), false,
  'the stalled worker cannot extend');
select is(
  engine.finish_step((select step_id from claimed where n = 1), (select fence from claimed where n = 1), '{"result": "done"}'), false,
  'nor end it');
select throws_ok(
  $$select private.assert_claim(step_id, fence) from claimed where n = 1$$, 'PT409', 'stale_fence', 'nor write anything under it');
select lives_ok(
  $$select private.assert_claim(step_id, fence) from claimed where n = 2$$, 'the new holder can');
select is(
  engine.finish_step((pg_temp.last()).step_id, (pg_temp.last()).fence, '{"result": "wait", "after_seconds": 30}'), true, 'waiting ends a claim');
select is((pg_temp.step(1)).attempts, 1, 'and gives its own attempt back, not the one of the worker that was lost');

-- Ending and claiming in one turn -----------------------------------------------------------------------------------------

select private.enqueue_step('maintenance', 'test.step', pg_temp.subject(n), null) from generate_series(11, 14) n;
select is((select count(*) from pg_temp.claim(2))::integer, 2, 'two of four are claimed');
create function pg_temp.turn(p_limit integer, p_ended jsonb) returns setof uuid language sql as $$
  insert into claimed (step_id, fence, kind, subject_id, channel_id, attempt, late, request_id)
  select * from engine.finish_and_claim('test', array['maintenance'], p_limit, 60, p_ended)
  returning subject_id
$$;
create temp table first_two as select step_id, fence from claimed order by n desc limit 2;
select is(
  (select count(*) from pg_temp.turn(4, (select jsonb_agg(
    jsonb_build_object('step', step_id, 'fence', fence - (step_id = (select min(step_id::text)::uuid from first_two))::integer,
      'outcome', '{"result": "done"}'::jsonb)) from first_two)))::integer,
  2, 'a turn ends claims and takes what is left');
select is(
  (select array_agg(s.state order by s.state) from private.steps s join first_two f on f.step_id = s.id),
  array['done', 'running'], 'what a claim that was taken over says is not heard, and does not stop the others');
select is_empty(format('select pg_temp.turn(0, %L)', (select jsonb_agg(
    jsonb_build_object('step', step_id, 'fence', fence, 'outcome', '{"result": "done"}'::jsonb)) from (
      select * from claimed order by n desc limit 2) c)), 'without room nothing is claimed');
select is(
  (select count(*) from private.steps where kind = 'test.step' and state = 'done' and subject_id in (
    select pg_temp.subject(n) from generate_series(11, 14) n))::integer, 3, 'but claims are ended');
select private.cancel_step(kind, subject_id) from private.steps where kind = 'test.step' and subject_id <> pg_temp.subject(1);

-- In turns ----------------------------------------------------------------------------------------------------------------

update pgmq.q_publish set vt = clock_timestamp() + interval '1 day';
insert into public.channels (id, youtube_channel_id, title, time_zone)
select pg_temp.subject(n), 'UC-turn-' || n, 'Turn', 'UTC' from generate_series(501, 503) n;
create function pg_temp.due(p_queue text, p_channel integer, p_first integer, p_last integer) returns bigint language sql as $$
  select count(private.enqueue_step(p_queue, 'test.step', pg_temp.subject(n), pg_temp.subject(p_channel))) from generate_series(p_first, p_last) n
$$;
-- A worker with eight places, of which those are free that hold nothing.
create function pg_temp.work(p_worker text, p_free integer default 8) returns table (queue text, channel integer) language sql as $$
  select case when n.subject < 2000 then 'maintenance' else 'publish' end, right(c.channel_id::text, 3)::integer
  from engine.claim_steps(p_worker, array['publish', 'maintenance'], p_free, 60) c
  cross join lateral (select right(c.subject_id::text, 4)::integer as subject) n
$$;
select pg_temp.due('maintenance', 501, 1101, 1190);
select pg_temp.due('maintenance', 502, 1191, 1191);
select pg_temp.due('maintenance', 503, 1192, 1193);
create temp table turn as select * from pg_temp.work('fair');
select is((select count(*) from turn where channel = 501), 3::bigint, 'what was due long before the others'' is not all that is taken');
select is((select array_agg(channel order by channel) from turn where channel <> 501), array[502, 503, 503], 'everybody has their turn');
select is((select count(*) from turn), 6::bigint, 'two of eight places are kept for publishing');
select pg_temp.due('publish', 501, 2101, 2190);
select pg_temp.due('publish', 502, 2191, 2191);
select results_eq($$ select queue, channel from pg_temp.work('fair', 2) order by channel $$, $$ values ('publish', 501), ('publish', 502) $$,
  'which is done there at once, by turns as well');
select is((select count(*) from pg_temp.work('fair', 0)), 0::bigint, 'a worker that is full takes nothing');
select is((select count(*) from pg_temp.work('another') where channel = 501), 4::bigint, 'of another worker one channel has half at the most');
select is((select count(*) from pg_temp.work('another', 4)), 0::bigint, 'even where nobody else wants the rest');
select pg_temp.due('maintenance', 501, 1201, 1900);
select pg_temp.due('maintenance', 502, 1901, 1901);
select results_eq($$ select channel from pg_temp.work('another', 4) $$, $$ values (502) $$, 'and however long it waits in front of others');
select private.cancel_step(kind, subject_id) from private.steps where kind = 'test.step' and channel_id is not null;
delete from private.steps where kind = 'test.step' and channel_id is not null;

-- A step that kills every process that takes it ----------------------------------------------------------------------------

select private.enqueue_step('maintenance', 'test.step', pg_temp.subject(2), null);
create function pg_temp.poison() returns integer language plpgsql as $$
declare
  v_claims integer := 0;
begin
  while exists (select pg_temp.claim(1)) loop
    v_claims := v_claims + 1;
    perform pg_temp.let_lease_end(2);
    exit when v_claims > 20;
  end loop;
  return v_claims;
end
$$;
select is(pg_temp.poison(), 8, 'a step whose process never comes back is claimed eight times');
select is((pg_temp.step(2)).state, 'dead', 'and is then dead-lettered');
select is((pg_temp.step(2)).last_error ->> 'code', 'attempts_exhausted', 'with the reason');
select ok(
  exists (select from pgmq.q_dead where message ->> 'step' = (pg_temp.step(2)).id::text), 'its message is among the dead letters');
select private.enqueue_step('maintenance', 'test.step', pg_temp.subject(3), null);
select results_eq('select pg_temp.claim(5)', array[pg_temp.subject(3)], 'others are not held up by it');

-- Everything is asked for twice --------------------------------------------------------------------------------------------

select count(private.enqueue_step('maintenance', 'test.step', pg_temp.subject(1000 + n), null)) from generate_series(1, 1000) n, generate_series(1, 2);
select is(
  (select count(*) from private.steps where kind = 'test.step' and subject_id > pg_temp.subject(1000)), 1000::bigint,
  'a thousand doubled requests are a thousand steps');
select is((select count(distinct s) from pg_temp.claim(3000) s), 1000::bigint, 'each of which is claimed');
select is_empty('select pg_temp.claim(3000)', 'once');

select * from finish();
rollback;

begin;
select plan(59);

-- People, channels, a catalogue --------------------------------------------------------------------------------------

\ir channels.seed
insert into public.videos (channel_id, youtube_video_id, title) values
  (pg_temp.channel(), 'vid00000001', 'How I Built a Cabin in the Woods'),
  (pg_temp.channel(), 'vid00000002', 'Sourdough for beginners');

create function pg_temp.request(p_kind text, p_micros bigint default 1000, p_more jsonb default '{}') returns jsonb language sql as $$
  select jsonb_build_object(
    'channel_id', pg_temp.channel(), 'kind', p_kind, 'brief', '{}'::jsonb, 'inspired_by', '[]'::jsonb,
    'voice_version', 1, 'prompt_version', 'p1', 'seed', 1, 'model_asked', 'm', 'price_version', 'v',
    'reserve_micros', p_micros) || p_more
$$;
create function pg_temp.reserve(p_request jsonb, p_key jsonb default null) returns uuid language sql as $$
  select (engine.reserve_generation(pg_temp.owner(), p_key, p_request) ->> 'id')::uuid
$$;
create function pg_temp.call(p_cost bigint, p_basis text default 'reported', p_call integer default 1) returns jsonb language sql as $$
  select jsonb_build_object('call', p_call, 'outcome', 'complete', 'raw', '{}', 'model_answered', 'm', 'response_id', 'r', 'cost_micros', p_cost,
    'cost_basis', p_basis, 'usage', jsonb_build_object('input_tokens', 10, 'cached_tokens', 0, 'output_tokens', 20, 'thinking_tokens', 5))
$$;
create function pg_temp.mine() returns public.usage_counters language sql as $$
  select * from public.usage_counters where user_id = pg_temp.owner()
$$;
create function pg_temp.row(p_id uuid) returns public.generated_content language sql as $$
  select * from public.generated_content where id = p_id
$$;
create temp table made (name text primary key, id uuid);

-- Rules of access ----------------------------------------------------------------------------------------------------

select has_table('public', 'generated_content', 'content has a table');
select is((select relrowsecurity from pg_class where oid = 'public.generated_content'::regclass), true, 'content is under row level security');
select is((select relrowsecurity from pg_class where oid = 'public.usage_counters'::regclass), true, 'usage is under row level security');
select is((select relrowsecurity from pg_class where oid = 'private.generation_calls'::regclass), true, 'raw answers are under row level security');
select ok(not has_table_privilege('authenticated', 'public.generated_content', 'insert, update, delete'), 'users write no content');
select ok(not has_table_privilege('service_role', 'public.generated_content', 'insert, update, delete'), 'the secret key writes no content either');
select ok(not has_table_privilege('anon', 'public.generated_content', 'select'), 'nobody reads content without signing in');
select ok(not has_table_privilege('authenticated', 'private.generation_calls', 'select'), 'users read no raw answers');
select ok(not has_function_privilege('authenticated', 'engine.reserve_generation(uuid, jsonb, jsonb)', 'execute'), 'users call no engine function');
select ok(has_function_privilege('service_role', 'engine.finish_generation(uuid, jsonb)', 'execute'), 'the functions do');

-- Reserving ----------------------------------------------------------------------------------------------------------

insert into made select 'script', pg_temp.reserve(pg_temp.request('script'));
select is((select state from pg_temp.row((select id from made where name = 'script'))), 'generating', 'a reservation makes a row');
select is((pg_temp.mine()).reserved_micros, 1000::bigint, 'the money is set aside');
select throws_ok(
  $$ select engine.reserve_generation(pg_temp.viewer(), null, pg_temp.request('script')) $$,
  'PT403', 'role_too_low', 'a viewer spends nothing');
select throws_ok(
  $$ select engine.reserve_generation(pg_temp.stranger(), null, pg_temp.request('script')) $$,
  'PT404', 'not_found', 'a foreign channel is not there');
select throws_ok(
  $$ select pg_temp.reserve(pg_temp.request('script', 5000000)) $$,
  'PT402', 'budget_exhausted', 'nothing is reserved beyond the budget');
select is((pg_temp.mine()).reserved_micros, 1000::bigint, 'a refusal sets nothing aside');
select throws_ok(
  $$ select pg_temp.reserve(pg_temp.request('script', 1000, '{"parent_id": "00000000-0000-4000-8000-0000000000ff"}')) $$,
  'PT404', 'not_found', 'an unknown parent is not there');
select throws_ok(
  $$ select pg_temp.reserve(pg_temp.request('script', 1000, '{"source_id": "00000000-0000-4000-8000-0000000000ff"}')) $$,
  'PT404', 'not_found', 'an unknown source is not there');
insert into made select 'keyed', pg_temp.reserve(pg_temp.request('titles'), '{"key": "k1", "fingerprint": "f1"}');
select is(
  engine.reserve_generation(pg_temp.owner(), '{"key": "k1", "fingerprint": "f1"}', pg_temp.request('titles')),
  jsonb_build_object('id', (select id from made where name = 'keyed'), 'replayed', true), 'the same key gives the same row and says so');
select throws_ok(
  $$ select pg_temp.reserve(pg_temp.request('titles'), '{"key": "k1", "fingerprint": "f2"}') $$,
  'PT422', 'idempotency_key_reused', 'the same key with another request is refused');

-- Finishing ----------------------------------------------------------------------------------------------------------

select is(
  engine.finish_generation((select id from made where name = 'script'), jsonb_build_object(
    'output', '{"title": "How I built a cabin in the woods", "hook": "h"}'::jsonb,
    'titles', '["How I built a cabin in the woods"]'::jsonb, 'model_answered', 'm',
    'calls', jsonb_build_array(pg_temp.call(300), pg_temp.call(200, 'reported', 2)))) ->> 'state',
  'draft', 'an output makes a draft');
select is((pg_temp.mine()).cost_micros, 500::bigint, 'both calls are paid');
select is((pg_temp.mine()).reserved_micros, 1000::bigint, 'only the other reservation is left');
select is((pg_temp.mine()).output_tokens, 50::bigint, 'thinking counts as output');
select is((pg_temp.row((select id from made where name = 'script'))).usage ->> 'calls', '2', 'the calls are counted');
select is((pg_temp.row((select id from made where name = 'script'))).warnings -> 0 ->> 'code', 'similar_title', 'likeness to the catalogue is a warning');
select is((pg_temp.row((select id from made where name = 'script'))).warnings -> 0 ->> 'source', 'video', 'the warning names where');
select is(
  (pg_temp.row((select id from made where name = 'script'))).content_hash,
  encode(sha256(convert_to('{"hook": "h", "title": "How I built a cabin in the woods"}', 'UTF8')), 'hex'), 'the hash is of the output');
select is(
  engine.finish_generation((select id from made where name = 'keyed'), jsonb_build_object(
    'failure', '{"code": "blocked", "message": "No."}'::jsonb, 'calls', jsonb_build_array(pg_temp.call(70)))) ->> 'state',
  'failed', 'no output is a failure');
select is((pg_temp.mine()).cost_micros, 570::bigint, 'a failure is paid for too');
select is((select raw from private.generation_calls where content_id = (select id from made where name = 'keyed')), '{}', 'what it said is kept');
select is(
  engine.finish_generation((select id from made where name = 'keyed'), '{"output": {"titles": []}}') ->> 'state', 'failed', 'an end is an end');
select is((select count(*) from public.system_logs where event_type = 'generation_failed' and user_id = pg_temp.owner()), 1::bigint, 'the user finds it in the log');

-- Interruption -------------------------------------------------------------------------------------------------------

insert into made select 'dead', pg_temp.reserve(pg_temp.request('ideas', 400));
select is(private.interrupt_generations(null, (select id from made where name = 'dead')), 0, 'a young generation is left alone');
update public.generated_content set started_at = private.now() - interval '4 minutes' where id = (select id from made where name = 'dead');
select is(private.interrupt_generations(), 1, 'an old one is ended');
select is((pg_temp.row((select id from made where name = 'dead'))).failure ->> 'code', 'interrupted', 'with its name');
select is((pg_temp.mine()).cost_micros, 970::bigint, 'what was set aside counts as spent');
select is((pg_temp.mine()).reserved_micros, 0::bigint, 'nothing stays reserved');
select is(
  engine.finish_generation((select id from made where name = 'dead'), jsonb_build_object(
    'output', '{"ideas": []}'::jsonb, 'calls', jsonb_build_array(pg_temp.call(30)))) ->> 'state', 'draft', 'a late answer is still taken');
select is((pg_temp.mine()).cost_micros, 600::bigint, 'and its real cost replaces the assumed one');

-- Erasing in several parts
insert into made select 'unfinished', pg_temp.reserve(pg_temp.request('ideas', 400));
create temp table erased_before as select (pg_temp.mine()).cost_micros as cost, (pg_temp.mine()).reserved_micros as reserved;
select lives_ok($$ select private.settle_channel(pg_temp.channel()) $$, 'a part of an erasure ends what is running');
select lives_ok($$ select private.settle_channel(pg_temp.channel()) $$, 'and so does the next');
select is((pg_temp.mine()).cost_micros - (select cost from erased_before), 400::bigint, 'what was set aside counts as spent once');
select is((pg_temp.mine()).reserved_micros, (select reserved - 400 from erased_before), 'and is reserved no more');
select is(
  (select reserved_micros from private.generation_spend), (select coalesce(sum(reserved_micros), 0)::bigint from public.generated_content),
  'what is reserved is what is running');

-- Deciding -----------------------------------------------------------------------------------------------------------

select throws_ok(
  format($$ select private.approved_script(pg_temp.channel(), %L) $$, (select id from made where name = 'script')),
  'PT409', 'approval_required', 'a draft is not rendered');
select throws_ok(
  format($$ select engine.approve_content(pg_temp.owner(), %L, null, 'other', null) $$, (select id from made where name = 'script')),
  'PT409', 'invalid_state', 'an approval names the words it is for');
select throws_ok(
  format($$ select engine.approve_content(pg_temp.owner(), %L, 99, null, null) $$, (select id from made where name = 'script')),
  'PT412', 'version_mismatch', 'a stale version is refused');
select is(
  engine.approve_content(pg_temp.owner(), (select id from made where name = 'script'), null, null, null) ->> 'state', 'approved', 'approved');
select is(
  (private.approved_script(pg_temp.channel(), (select id from made where name = 'script'))).state, 'approved', 'an approved script is rendered');
insert into made select 'edit', (engine.edit_content(pg_temp.owner(), (select id from made where name = 'script'), null,
  '{"title": "Cabin", "hook": "h"}', '{Cabin}', '[]') ->> 'id')::uuid;
select is((pg_temp.row((select id from made where name = 'script'))).state, 'superseded', 'an edit ends the approval');
select is((pg_temp.row((select id from made where name = 'edit'))).revision, 2, 'and is the next revision');
select throws_ok(
  format($$ update public.generated_content set output = '{}' where id = %L $$, (select id from made where name = 'edit')),
  'P0001', null, 'an output never changes');
select is(engine.rate_content(pg_temp.owner(), (select id from made where name = 'edit'), null, 4, 'Good hook.') ->> 'rating', '4', 'rated');
select is(engine.reject_content(pg_temp.owner(), (select id from made where name = 'edit'), null, 'Too short.') ->> 'state', 'rejected', 'rejected');
select lives_ok(
  format($$ select engine.archive_content(pg_temp.owner(), %L, null) $$, (select id from made where name = 'edit')), 'archived');

-- Ceiling ------------------------------------------------------------------------------------------------------------

update public.users set plan = '{"generation_channel_day": 3}' where id = pg_temp.owner();
select throws_ok($$ select pg_temp.reserve(pg_temp.request('ideas')) $$, 'PT429', 'generation_limit_reached', 'a channel has a ceiling a day');
update private.clock set advance = date_trunc('day', clock_timestamp(), 'UTC') + interval '36 hours' - clock_timestamp();
update public.generated_content set started_at = date_trunc('day', private.now(), 'UTC') where channel_id = pg_temp.channel();
update public.channels set time_zone = 'Etc/GMT+6' where id = pg_temp.channel();
select throws_ok($$ select pg_temp.reserve(pg_temp.request('ideas')) $$, 'PT429', 'generation_limit_reached', 'whose day does not begin anew with another zone');
update public.users set plan = '{}' where id = pg_temp.owner();

-- Reading ------------------------------------------------------------------------------------------------------------

select pg_temp.act_as(pg_temp.viewer());
select is(
  array[(select count(*) from public.generated_content)::integer, (select count(*) from public.usage_counters)::integer],
  array[5, 0], 'a member sees the channel''s content and nobody else''s usage');
reset role;

select * from finish();
rollback;

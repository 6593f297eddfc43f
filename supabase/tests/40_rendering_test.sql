begin;
select plan(143);

-- People, channels, scripts ------------------------------------------------------------------------------------------

\ir channels.seed
create function pg_temp.script(p_kind text default 'script', p_status text default 'approved') returns uuid language sql as $$
  insert into public.generated_content (id, root_id, channel_id, created_by, kind, revision, origin, state, output, content_hash, approved_hash,
    voice_version, prompt_version, seed, model_asked, price_version)
  select id, id, pg_temp.channel(), pg_temp.owner(), p_kind, 1, 'generated', p_status, output, private.content_hash(output),
    case p_status when 'approved' then private.content_hash(output) end, 1, 'p', 1, 'm', 'v'
  from (select gen_random_uuid() as id, '{"hook": "Honey never spoils."}'::jsonb as output) as new
  returning id
$$;
create function pg_temp.limits() returns jsonb language sql as $$
  select '{"renders_per_month": 3, "credits_per_render": 100, "credits_per_day": 1000}'::jsonb
$$;
create function pg_temp.ask(
  p_content uuid, p_credits integer default 10, p_user uuid default pg_temp.owner(), p_limits jsonb default pg_temp.limits(), p_key jsonb default null
) returns jsonb language sql as $$
  select engine.request_render(p_user, p_key, p_content,
    (select approved_hash from public.generated_content where id = p_content), '{"script": "Honey never spoils."}', p_credits, 'provider', p_limits)
$$;
create function pg_temp.row(p_id uuid) returns public.renders language sql as $$ select * from public.renders where id = p_id $$;
create function pg_temp.mine() returns public.usage_counters language sql as $$
  select * from public.usage_counters where user_id = pg_temp.owner()
$$;
create function pg_temp.spent() returns bigint language sql as $$
  select coalesce((select reserved + spent from private.render_budgets where day = (private.now() at time zone 'UTC')::date), 0)
$$;
-- Claims the render's step, as a worker would, and answers its fence.
create function pg_temp.claim(p_render uuid) returns bigint language sql as $$
  update private.steps set state = 'running', fence = fence + 1, attempts = attempts + 1, run_again = false,
    lease_until = private.now() + interval '1 minute'
  where kind = 'render.advance' and subject_id = p_render returning fence
$$;
create function pg_temp.step(p_render uuid) returns uuid language sql as $$
  select id from private.steps where kind = 'render.advance' and subject_id = p_render
$$;
create function pg_temp.fence(p_render uuid) returns bigint language sql as $$
  select fence from private.steps where kind = 'render.advance' and subject_id = p_render
$$;
create function pg_temp.submit(p_render uuid, p_hash text default 'h', p_gap double precision default 0, p_in_flight integer default 100)
returns jsonb language sql as $$
  select engine.begin_render_submit(pg_temp.step(p_render), pg_temp.fence(p_render), p_render, p_hash, p_gap, p_in_flight)
$$;
create temp table made (name text primary key, id uuid);
create temp table budget as select pg_temp.spent() as before;

-- Rules of access ----------------------------------------------------------------------------------------------------

select is((select relrowsecurity from pg_class where oid = 'public.renders'::regclass), true, 'renders are under row level security');
select is((select relrowsecurity from pg_class where oid = 'private.render_jobs'::regclass), true, 'what is private of them too');
select is((select relrowsecurity from pg_class where oid = 'private.render_budgets'::regclass), true, 'and the budgets');
select ok(not has_table_privilege(r, 'public.renders', 'insert, update, delete, truncate'), r || ' writes no renders')
from unnest(array['anon', 'authenticated', 'service_role']) as r;
select ok(not has_table_privilege('anon', 'public.renders', 'select'), 'nobody reads renders without signing in');
select ok(not has_table_privilege(r, 'private.render_jobs', 'select'), r || ' reads no addresses and hashes')
from unnest(array['anon', 'authenticated', 'service_role']) as r;
select is(
  (select array_agg(p.proname::text order by p.proname) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
   where n.nspname = 'engine' and p.proname ~ 'render' and (
     has_function_privilege('authenticated', p.oid, 'execute') or has_function_privilege('anon', p.oid, 'execute')
     or not has_function_privilege('service_role', p.oid, 'execute') or not p.prosecdef)),
  null, 'every engine function of renders is for the functions alone');

-- The table of transitions -------------------------------------------------------------------------------------------

select is((select count(*) from private.render_transitions())::integer, 25, 'there are 25 ways to move');
select is(
  (select array_agg(distinct from_state order by from_state) from private.render_transitions()),
  array['queued', 'ready', 'rendering', 'requested', 'submit_unknown', 'submitting', 'timed_out_unknown'], 'failed and cancelled are final');
select is(
  (select array_agg(from_state) from private.render_transitions() where to_state = 'submitting'), array['requested'], 'a submit begins in one state only');
select throws_ok(
  $$insert into public.renders (channel_id, content_hash, state, request, estimated_credits, estimate_basis)
    values (pg_temp.channel(), 'h', 'queued', '{}', 1, 'provider')$$,
  '23514', null, 'a render begins as requested');

-- Asking -------------------------------------------------------------------------------------------------------------

insert into made select 'script', pg_temp.script();
insert into made select 'first', (pg_temp.ask((select id from made where name = 'script')) ->> 'id')::uuid;
select is((pg_temp.row((select id from made where name = 'first'))).state, 'requested', 'the intent is written down');
select is((pg_temp.row((select id from made where name = 'first'))).estimated_credits, 10, 'with what it may cost');
select is((pg_temp.row((select id from made where name = 'first'))).cost_basis, 'reserved', 'which is set aside');
select is((pg_temp.mine()).renders, 1, 'one render is counted');
select is((pg_temp.mine()).render_credits, 0::bigint, 'no credits are spent yet');
select is(pg_temp.spent() - (select before from budget), 10::bigint, 'the day''s budget knows');
select is((select state || ' ' || queue from private.steps where id = pg_temp.step((select id from made where name = 'first'))), 'waiting render',
  'the step is due');
select throws_ok($$select pg_temp.ask((select id from made where name = 'script'))$$, 'PT409', 'render_in_progress', 'not twice at once');
select throws_ok($$select pg_temp.ask(gen_random_uuid())$$, 'PT404', 'not_found', 'an absent script');
select throws_ok($$select pg_temp.ask((select id from made where name = 'script'), 10, pg_temp.stranger())$$, 'PT404', 'not_found',
  'a foreign script looks absent');
select throws_ok($$select pg_temp.ask((select id from made where name = 'script'), 10, pg_temp.viewer())$$, 'PT403', 'role_too_low', 'viewers do not spend');
select throws_ok($$select pg_temp.ask(pg_temp.script('titles'))$$, 'PT422', 'invalid_body', 'only scripts');
select throws_ok($$select pg_temp.ask(pg_temp.script('script', 'draft'))$$, 'PT409', 'approval_required', 'only approved ones');
select throws_ok($$select engine.request_render(pg_temp.owner(), null, pg_temp.script(), 'another hash', '{}', 1, 'provider', pg_temp.limits())$$,
  'PT409', 'approval_required', 'only the words that were approved');
select throws_ok($$select pg_temp.ask(pg_temp.script(), 101)$$, 'PT422', 'render_too_costly', 'no render above the ceiling');
select is((pg_temp.mine()).renders, 1, 'refusals count nothing');
select is(pg_temp.spent() - (select before from budget), 10::bigint, 'and reserve nothing');

-- The same request twice
insert into made select 'second script', pg_temp.script();
insert into made select 'second', (pg_temp.ask((select id from made where name = 'second script'), p_key => '{"key": "k", "fingerprint": "f"}') ->> 'id')::uuid;
select is((pg_temp.ask((select id from made where name = 'second script'), p_key => '{"key": "k", "fingerprint": "f"}') ->> 'id')::uuid,
  (select id from made where name = 'second'), 'a repeated request gets the stored answer');
select throws_ok($$select pg_temp.ask(pg_temp.script(), p_key => '{"key": "k", "fingerprint": "g"}')$$, 'PT422', 'idempotency_key_reused',
  'another request with the same key is refused');
select is((pg_temp.mine()).renders, 2, 'and is counted once');

-- Allowance and budget
select throws_ok($$select pg_temp.ask(pg_temp.script(), 10, pg_temp.owner(), '{"renders_per_month": 2, "credits_per_render": 100, "credits_per_day": 100000}')$$,
  'PT402', 'budget_exhausted', 'the monthly allowance binds');
select throws_ok($$select pg_temp.ask(pg_temp.script(), 10, pg_temp.owner(), '{"renders_per_month": 0, "credits_per_render": 100, "credits_per_day": 100000}')$$,
  'PT402', 'budget_exhausted', 'an allowance of none is none');
select throws_ok(format($$select pg_temp.ask(pg_temp.script(), 10, pg_temp.owner(), '{"renders_per_month": 9, "credits_per_render": 100, "credits_per_day": %s}')$$,
  pg_temp.spent() + 9), 'PT402', 'budget_exhausted', 'the daily budget binds');
select is((pg_temp.mine()).renders, 2, 'a refusal by the budget gives the allowance back');
update public.users set plan = '{"renders_per_month": 2}' where id = pg_temp.owner();
select throws_ok($$select pg_temp.ask(pg_temp.script())$$, 'PT402', 'budget_exhausted', 'a plan''s own allowance comes first');
select is(engine.render_allowance(pg_temp.owner(), pg_temp.limits()) - 'renews_on' - 'credits_left_today',
  '{"renders_per_month": 2, "renders_used": 2, "credits_per_render": 100}', 'the user can be told');
update public.users set plan = '{"render_credits_per_day": 29}' where id = pg_temp.owner();
select throws_ok($$select pg_temp.ask(pg_temp.script())$$, 'PT402', 'budget_exhausted', 'nobody takes the whole day');
update public.users set plan = '{}' where id = pg_temp.owner();
select is(private.render_share(pg_temp.owner(), pg_temp.limits()), 500::bigint, 'but their share of it');
select is(private.render_share(pg_temp.owner(), pg_temp.limits() || '{"credits_per_day": 120}'), 100::bigint, 'and one render at least');

-- Seeing -------------------------------------------------------------------------------------------------------------

select pg_temp.act_as(pg_temp.owner());
select is((select count(*) from public.renders)::integer, 2, 'an owner sees the renders of the channel');
reset role;
select pg_temp.act_as(pg_temp.viewer());
select is((select count(*) from public.renders)::integer, 2, 'a viewer too');
reset role;
select pg_temp.act_as(pg_temp.stranger());
select is((select count(*) from public.renders)::integer, 0, 'a stranger none');
select throws_ok($$update public.renders set state = 'ready'$$, '42501', null, 'nobody writes');
reset role;
select set_config('request.jwt.claims', '', true);

-- Cancelling before the submit ---------------------------------------------------------------------------------------

select throws_ok($$select engine.cancel_render(pg_temp.stranger(), (select id from made where name = 'second'), null)$$, 'PT404', 'not_found', 'not a stranger''s to cancel');
select throws_ok($$select engine.cancel_render(pg_temp.owner(), gen_random_uuid(), null)$$, 'PT404', 'not_found', 'nothing there to cancel');
select throws_ok($$select engine.cancel_render(pg_temp.viewer(), (select id from made where name = 'second'), null)$$, 'PT403', 'role_too_low', 'nor a viewer''s');
select is(engine.cancel_render(pg_temp.owner(), (select id from made where name = 'second'), null) -> 'error' ->> 'code', 'cancelled', 'cancelled in time');
select is((pg_temp.mine()).renders, 1, 'the allowance is given back');
select is(pg_temp.spent() - (select before from budget), 10::bigint, 'the budget too');
select is((select state from private.steps where id = pg_temp.step((select id from made where name = 'second'))), 'done', 'its step is over');
select is(engine.cancel_render(pg_temp.owner(), (select id from made where name = 'second'), null) ->> 'state', 'cancelled', 'cancelling twice changes nothing');
select is((pg_temp.mine()).renders, 1, 'nor does it give anything back twice');

-- Submitting ---------------------------------------------------------------------------------------------------------

select throws_ok($$select pg_temp.submit((select id from made where name = 'first'))$$, 'PT409', 'stale_fence', 'a step that is not claimed submits nothing');
select ok(pg_temp.claim((select id from made where name = 'first')) is not null, 'claimed');
select throws_ok($$select engine.begin_render_submit(pg_temp.step(id), pg_temp.fence(id) - 1, id, 'h', 0, 100) from made where name = 'first'$$,
  'PT409', 'stale_fence', 'an older claim submits nothing');
select is(pg_temp.submit((select id from made where name = 'first'), 'h', 0, 0), '{"go": false, "wait_seconds": 10}', 'not too many at a time');
select is(pg_temp.submit((select id from made where name = 'first'), 'hash-1'), '{"go": true, "wait_seconds": 0}', 'go');
select is((pg_temp.row((select id from made where name = 'first'))).state, 'submitting', 'which is written down');
select is((pg_temp.row((select id from made where name = 'first'))).cost_basis, 'estimated', 'from here on it may have been charged');
select is((pg_temp.mine()).render_credits, 10::bigint, 'so it counts');
select is(pg_temp.submit((select id from made where name = 'first'), 'hash-2'), '{"go": false, "wait_seconds": 0}', 'only once');
select is((select callback_hash from private.render_jobs where render_id = (select id from made where name = 'first')), 'hash-1', 'the first token stays');

-- It certainly did not leave
select ok(not engine.return_render(pg_temp.step(id), pg_temp.fence(id), id, 'hash-2'), 'another submit''s failure does not count') from made where name = 'first';
select ok(engine.return_render(pg_temp.step(id), pg_temp.fence(id), id, 'hash-1'), 'its own does') from made where name = 'first';
select is((pg_temp.row((select id from made where name = 'first'))).state || ' ' || (pg_temp.row((select id from made where name = 'first'))).cost_basis,
  'requested reserved', 'back to the start, uncharged');
select is((pg_temp.mine()).renders || ' ' || (pg_temp.mine()).render_credits, '1 0', 'still counted once');
select is((select run_again from private.steps where id = pg_temp.step((select id from made where name = 'first'))), false, 'its claim goes on by itself');

-- The answer is lost
select is(pg_temp.submit((select id from made where name = 'first'), 'hash-3', 0, 100) ->> 'go', 'true', 'sent again, as it never left');
select ok(pg_temp.claim((select id from made where name = 'first')) is not null, 'taken over by another worker');
select ok(engine.mark_submit_unknown(pg_temp.step(id), pg_temp.fence(id), id, '{"code": "submit_unknown", "message": "m"}'), 'nobody knows') from made where name = 'first';
select is((pg_temp.row((select id from made where name = 'first'))).state, 'submit_unknown', 'and the row says so');
select is(pg_temp.submit((select id from made where name = 'first')), '{"go": false, "wait_seconds": 0}', 'it is not sent again');
select throws_ok($$select pg_temp.ask((select id from made where name = 'script'))$$, 'PT409', 'render_in_progress', 'nor may it be asked for again');

-- Callbacks
select throws_ok($$select engine.note_render_callback(gen_random_uuid(), 'hash-3', null)$$, 'PT404', 'not_found', 'a callback for nothing');
select throws_ok($$select engine.note_render_callback(id, 'hash-1', null) from made where name = 'first'$$, 'PT404', 'not_found', 'a callback with another token');
select ok(engine.note_render_callback(id, 'hash-3', 'job-hint'), 'a callback with the right one') from made where name = 'first';
select is((select hinted_job_id from private.render_jobs where render_id = (select id from made where name = 'first')), 'job-hint', 'its job id is a hint');
select is((pg_temp.row((select id from made where name = 'first'))).state, 'submit_unknown', 'and changes no state');
select is((select run_again from private.steps where id = pg_temp.step((select id from made where name = 'first'))), true, 'but we look again');

-- Found again
insert into made select 'other script', pg_temp.script();
insert into made select 'other', (pg_temp.ask((select id from made where name = 'other script')) ->> 'id')::uuid;
select ok(pg_temp.claim((select id from made where name = 'other')) is not null, 'another render');
select is(pg_temp.submit((select id from made where name = 'other'), 'hash-o', 3600) ->> 'go', 'false', 'submits keep their distance');
select is(pg_temp.submit((select id from made where name = 'other'), 'hash-o') ->> 'go', 'true', 'is submitted');
select ok(engine.record_render_job(pg_temp.step(id), pg_temp.fence(id), id, 'hash-o', 'job-other'), 'and answered') from made where name = 'other';
select ok(not engine.adopt_render_job(pg_temp.step(id), pg_temp.fence(id), id, 'job-other', 'listing_time'), 'its job is not ours') from made where name = 'first';
insert into private.render_tombstones (job_hash) values (private.job_hash('job-buried'));
select ok(not engine.adopt_render_job(pg_temp.step(id), pg_temp.fence(id), id, 'job-buried', 'listing'), 'one of an erased render is nobody''s')
from made where name = 'first';
select is(engine.render_candidates(id, array['job-buried', 'job-free']) -> 'taken', '["job-buried"]', 'it counts as taken') from made where name = 'first';
select ok(engine.adopt_render_job(pg_temp.step(id), pg_temp.fence(id), id, 'job-hint', 'callback'), 'ours is') from made where name = 'first';
-- The submit's own answer comes after all, without a claim: it is believed, as it cannot be had again.
select ok(engine.record_render_job(gen_random_uuid(), 1, id, 'hash-3', 'job-first'), 'a late answer') from made where name = 'first';
select is((pg_temp.row((select id from made where name = 'first'))).provider_job_id || ' ' || (pg_temp.row((select id from made where name = 'first'))).found_by,
  'job-first answer', 'puts a wrong match right');
select throws_ok($$select engine.note_render_callback(id, 'hash-3', 'job-other') from made where name = 'first'$$, 'PT404', 'not_found',
  'a callback that names another job');

insert into public.renders (channel_id, content_hash, request, estimated_credits, estimate_basis)
values (pg_temp.channel(), 'h', '{}', 1, 'provider');
update public.renders set state = 'submitting' where content_hash = 'h' and state = 'requested';
update public.renders set state = 'queued', provider_job_id = 'job-erased' where content_hash = 'h' and state = 'submitting';
delete from public.renders where provider_job_id = 'job-erased';
select is((select count(*) from private.render_tombstones where job_hash = private.job_hash('job-erased'))::integer, 1, 'an erased render leaves its job''s hash');

-- Following and finishing --------------------------------------------------------------------------------------------

select is(engine.record_render_poll(pg_temp.step(id), pg_temp.fence(id), id, true, 40::smallint, true), 1, 'an odd answer is counted') from made where name = 'first';
select is((pg_temp.row((select id from made where name = 'first'))).state || ' ' || (pg_temp.row((select id from made where name = 'first'))).progress,
  'rendering 40', 'at work');
select is(engine.record_render_poll(pg_temp.step(id), pg_temp.fence(id), id, true, 30::smallint, false), 0, 'and forgotten') from made where name = 'first';
select is((pg_temp.row((select id from made where name = 'first'))).progress, 40::smallint, 'progress never goes back');
select ok(engine.finish_render(pg_temp.step(id), pg_temp.fence(id), id,
  jsonb_build_object('url', 'https://cdn.example.com/a.mp4', 'bytes', 5, 'content_type', 'video/mp4', 'sha256', repeat('a', 64)), 7), 'finished')
from made where name = 'first';
select is((pg_temp.row((select id from made where name = 'first'))).state || ' ' || (pg_temp.row((select id from made where name = 'first'))).credits_used,
  'ready 7', 'ready, with what it did cost');
select is((pg_temp.mine()).render_credits, 17::bigint, 'which replaces the estimate');
select is(engine.render_source((select id from made where name = 'first')) ->> 'url', 'https://cdn.example.com/a.mp4', 'its file can be found');
select throws_ok($$select engine.cancel_render(pg_temp.owner(), (select id from made where name = 'first'), null)$$, 'PT409', 'invalid_state', 'too late to cancel');
select ok(not engine.note_render_callback(id, 'hash-3', 'job-first'), 'a replayed callback has no effect') from made where name = 'first';

-- Cancelling after the submit
select is(engine.cancel_render(pg_temp.owner(), (select id from made where name = 'other'), null) -> 'error' ->> 'code', 'cancelled_after_submit', 'the provider works on');
select is((pg_temp.mine()).renders || ' ' || (pg_temp.mine()).render_credits, '2 17', 'and is paid');
select is(engine.render_source((select id from made where name = 'other')), null, 'its result is not ours to use');

-- Our copies of files
select is((select public from storage.buckets where id = 'renders'), false, 'copies are kept in a private bucket');
select is(s.state, 'waiting', 'what is ready is to be copied')
from private.steps s join made m on m.id = s.subject_id where s.kind = 'render.copy' and m.name = 'first';
select is((engine.render_source(id) ->> 'copied')::boolean, false, 'it is not yet') from made where name = 'first';
update private.steps set state = 'running', fence = fence + 1, lease_until = private.now() + interval '1 minute' where kind = 'render.copy';
select is((engine.open_render_copy(s.id, s.fence, s.subject_id) ->> 'bytes')::int, 5, 'its size is known')
from private.steps s where kind = 'render.copy' and subject_id = (select id from made where name = 'first');
select throws_ok(format('select engine.finish_render_copy(%L, %s, %L)', s.id, s.fence - 1, s.subject_id), 'PT409', 'stale_fence', 'a stale claim records nothing')
from private.steps s where kind = 'render.copy' and subject_id = (select id from made where name = 'first');
select ok(engine.finish_render_copy(s.id, s.fence, s.subject_id), 'copied')
from private.steps s where kind = 'render.copy' and subject_id = (select id from made where name = 'first');
select is((engine.render_source(id) ->> 'copied')::boolean, true, 'and read from there') from made where name = 'first';
select is(engine.open_render_copy(s.id, s.fence, s.subject_id), null, 'once')
from private.steps s where kind = 'render.copy' and subject_id = (select id from made where name = 'first');
insert into storage.objects (bucket_id, name) values ('renders', pg_temp.channel() || '/a.mp4'), ('renders', gen_random_uuid() || '/b.mp4');
select pg_temp.act_as(pg_temp.owner());
select is((select count(*) from storage.objects where bucket_id = 'renders'), 1::bigint, 'a member sees the copies of their channels only');
select throws_ok($$insert into storage.objects (bucket_id, name) values ('renders', 'x/y.mp4')$$, '42501', null, 'and writes none');
reset role;

-- Dead letters name the state
insert into made select 'dead', (pg_temp.ask(pg_temp.script()) ->> 'id')::uuid;
select lives_ok($$select private.on_dead_render_advance(id, '{}') from made where name = 'dead'$$, 'a dead letter before the submit');
select is((pg_temp.row((select id from made where name = 'dead'))).state || ' ' || (pg_temp.mine()).renders, 'failed 2', 'gives everything back');

-- In turns -----------------------------------------------------------------------------------------------------------

update public.users set plan = '{"renders_per_month": 99}' where id = pg_temp.owner();
insert into made select 'one of mine', (pg_temp.ask(pg_temp.script()) ->> 'id')::uuid;
insert into made select 'two of mine', (pg_temp.ask(pg_temp.script()) ->> 'id')::uuid;
insert into made select 'their script', pg_temp.script();
update public.generated_content set channel_id = pg_temp.others_channel() where id = (select id from made where name = 'their script');
insert into made select 'one of theirs', (pg_temp.ask((select id from made where name = 'their script'), p_user => pg_temp.stranger()) ->> 'id')::uuid;
update public.renders set submitted_at = submitted_at - interval '1 hour' where submitted_at is not null;
select pg_temp.claim(id) from made where name like '% of %';
select is((select pg_temp.submit(id, 'turn-1', 0, 3) ->> 'go' from made where name = 'one of mine'), 'true', 'a place at the service is taken');
select is((select pg_temp.submit(id, 'turn-2', 0, 3) from made where name = 'two of mine'), '{"go": false, "wait_seconds": 10}',
  'a second one waits while another channel has none');
select is((select pg_temp.submit(id, 'turn-3', 0, 3) ->> 'go' from made where name = 'one of theirs'), 'true', 'which has its turn');
select is((select pg_temp.submit(id, 'turn-2', 0, 3) ->> 'go' from made where name = 'two of mine'), 'true', 'and is had then');
update public.renders set state = 'cancelled' where id in (select id from made where name like '% of %');

-- Erasing ------------------------------------------------------------------------------------------------------------

create temp table held as select pg_temp.spent() as spent, (select reserved from private.render_budgets) as reserved,
  (select sum(reserved + spent) from private.render_shares) as shares, (pg_temp.mine()).render_credits as used;
select is((select reserved from held), (select coalesce(sum(estimated_credits), 0) from public.renders where cost_basis = 'reserved'),
  'what is reserved is what is there and not sent');
insert into made select 'never sent', (pg_temp.ask(pg_temp.script()) ->> 'id')::uuid;
select is(pg_temp.spent() - (select spent from held), 10::bigint, 'a request sets its credits aside');
select is((select reserved from private.render_budgets) - (select reserved from held), 10::bigint, 'as reserved ones');
update public.channels set state = 'erasing', state_reason = 'erasing' where id = pg_temp.channel();
select throws_ok($$select pg_temp.ask(pg_temp.script())$$, 'PT409', 'channel_disconnected', 'nothing is rendered for a channel that is being erased');
select lives_ok($$select private.settle_channel(pg_temp.channel())$$, 'before a channel is erased its reservations are settled');
select is(pg_temp.spent() - (select spent - reserved from held), 0::bigint, 'what was never sent is given back');
select lives_ok($$select private.settle_channel(pg_temp.channel())$$, 'by each part of the erasure');
select is(pg_temp.spent() - (select spent - reserved from held), 0::bigint, 'once');
select is((select sum(reserved + spent) from private.render_shares), (select shares - reserved from held), 'to its user too');
select is((select count(*) from public.renders where channel_id = pg_temp.channel() and cost_basis = 'reserved'), 0::bigint, 'and nothing is held any more');
select is((select reserved || ' ' || spent from private.render_budgets), (select '0 ' || (spent - reserved) from held), 'what was spent stays so');
update public.channels set state = 'connected', state_reason = null where id = pg_temp.channel();

-- On the channel of somebody else
insert into public.channel_members (channel_id, user_id, role) values (pg_temp.others_channel(), pg_temp.owner(), 'editor');
insert into made select 'foreign script', pg_temp.script();
update public.generated_content set channel_id = pg_temp.others_channel() where id = (select id from made where name = 'foreign script');
insert into made select 'foreign', (pg_temp.ask((select id from made where name = 'foreign script')) ->> 'id')::uuid;
select is((select sum(reserved) from private.render_shares), 10::numeric, 'an editor''s render counts as the editor''s');

-- Erased and signed up again -------------------------------------------------------------------------------------------

create temp table before as select pg_temp.mine() as usage;
delete from auth.users where id = pg_temp.owner();
select is((select count(*) from private.erased_usage where subject like '%@%'), 0::bigint, 'an address that is gone stands nowhere');
insert into auth.users (id, email) values ('00000000-0000-4000-8000-00000000a009', 'Owner+again@Example.test');
insert into public.users (id) values ('00000000-0000-4000-8000-00000000a009');
select is((select renders || ' ' || render_credits from public.usage_counters where user_id = '00000000-0000-4000-8000-00000000a009'),
  (select (usage).renders || ' ' || (usage).render_credits from before), 'an address that comes back has used what it had');
select is((select count(*) from private.erased_usage), 0::bigint, 'which is then counted there alone');
select is((select sum(reserved) || ' ' || sum(spent) from private.render_shares), (select '0 ' || (shares - reserved + 10) from held),
  'what was set aside for a render on another''s channel counts as spent, as nobody is left to give it back to');
select is((select reserved from private.render_budgets), 10::bigint, 'the deployment still holds it for the render');
insert into auth.users (id, email) values ('00000000-0000-4000-8000-00000000a010', 'owner@example.test');
insert into public.users (id) values ('00000000-0000-4000-8000-00000000a010');
delete from auth.users where id = '00000000-0000-4000-8000-00000000a009';
select is((select renders || ' ' || render_credits from public.usage_counters where user_id = '00000000-0000-4000-8000-00000000a010'),
  (select (usage).renders || ' ' || (usage).render_credits from before), 'and who comes back before the erasure is over inherits it then');

select * from finish();
rollback;

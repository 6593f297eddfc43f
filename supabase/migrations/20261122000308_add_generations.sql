-- One generation, from its reservation to its end.

create function engine.reserve_generation(p_user uuid, p_idempotency jsonb, p_generation jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_answer jsonb := private.begin_request(p_user, 'generateContent', p_idempotency);
  v_id uuid := gen_random_uuid();
  v_channel public.channels;
  v_parent public.generated_content;
  v_source uuid := (p_generation ->> 'source_id')::uuid;
  v_reserve bigint := (p_generation ->> 'reserve_micros')::bigint;
  v_revision integer := 1;
  v_ceiling bigint;
  v_today bigint;
begin
  if v_answer is not null then
    return v_answer || '{"replayed": true}';
  end if;
  perform private.require_role(p_user, (p_generation ->> 'channel_id')::uuid, array['owner', 'editor']);
  v_channel := private.hold_channel((p_generation ->> 'channel_id')::uuid);
  -- One at a time per channel while the ceiling is counted and a revision is numbered.
  perform pg_advisory_xact_lock(hashtextextended('generate:' || v_channel.id, 0));
  perform private.interrupt_generations(p_user);

  if p_generation ->> 'parent_id' is not null then
    select * into v_parent from public.generated_content where id = (p_generation ->> 'parent_id')::uuid;
    if v_parent.id is null or v_parent.channel_id <> v_channel.id then
      perform private.refuse(404, 'not_found', 'No such object.');
    end if;
    select max(revision) + 1 into v_revision from public.generated_content where root_id = v_parent.root_id;
  end if;
  if v_source is not null
    and not exists (select from public.generated_content where id = v_source and channel_id = v_channel.id) then
    perform private.refuse(404, 'not_found', 'No such object.');
  end if;

  v_ceiling := private.generation_limit(p_user, 'channel_day');
  select count(*) into v_today from public.generated_content
  where channel_id = v_channel.id and origin <> 'edited'
    -- Not the channel's own day: whoever moves its zone would begin a new one.
    and started_at >= date_trunc('day', private.now(), 'UTC');
  if v_today >= v_ceiling then
    perform private.refuse(429, 'generation_limit_reached', format(
      'This channel has had %s generations today, its ceiling. YouTube turns away channels that look mass-produced; '
      'the count starts again at midnight in UTC.', v_today));
  end if;
  perform private.reserve_generation_budget(p_user, v_reserve);

  insert into public.generated_content (
    id, channel_id, created_by, kind, root_id, parent_id, revision, origin, part, state, source_id, source_item, brief,
    inspired_by, voice_version, prompt_version, seed, model_asked, price_version, reserved_micros)
  values (
    v_id, v_channel.id, p_user, p_generation ->> 'kind', coalesce(v_parent.root_id, v_id), v_parent.id, v_revision,
    case when v_parent.id is null then 'generated' else 'regenerated' end, p_generation ->> 'part', 'generating',
    v_source, (p_generation ->> 'source_item')::integer, p_generation -> 'brief',
    coalesce(p_generation -> 'inspired_by', '[]'), (p_generation ->> 'voice_version')::integer,
    p_generation ->> 'prompt_version', (p_generation ->> 'seed')::integer, p_generation ->> 'model_asked',
    p_generation ->> 'price_version', v_reserve);
  return private.end_request(p_user, 'generateContent', p_idempotency, jsonb_build_object('id', v_id));
end
$$;
comment on function engine.reserve_generation(uuid, jsonb, jsonb) is
  'Before the model is called: checks role, daily ceiling and budgets, sets the money aside and makes the row. '
  '`replayed` in the answer: this Idempotency-Key has made that row before, nothing is to be generated.';

create function private.add_generation_calls(p_content uuid, p_calls jsonb) returns void
language sql set search_path = '' as $$
  insert into private.generation_calls (content_id, call, outcome, raw, model_answered, response_id, usage, cost_micros,
    cost_basis)
  select p_content, (c ->> 'call')::integer, c ->> 'outcome', c ->> 'raw', c ->> 'model_answered', c ->> 'response_id',
    c -> 'usage',
    (c ->> 'cost_micros')::bigint, c ->> 'cost_basis'
  from jsonb_array_elements(p_calls) as c
  on conflict on constraint generation_calls_pkey do nothing
$$;

create function engine.record_generation_call(p_content uuid, p_call jsonb) returns void
language sql security definer set search_path = '' as $$
  select private.add_generation_calls(p_content, jsonb_build_array(p_call))
$$;
comment on function engine.record_generation_call(uuid, jsonb) is
  'Keeps an answer that was paid for before another call is made, so that a crash in between loses nothing of it.';

create function engine.finish_generation(p_content uuid, p_result jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_row public.generated_content;
  v_output jsonb := nullif(p_result -> 'output', 'null');
  v_titles text[] := array(select jsonb_array_elements_text(coalesce(nullif(p_result -> 'titles', 'null'), '[]')));
  v_input bigint;
  v_written bigint;
  v_cost bigint;
  v_basis text;
  v_usage jsonb;
begin
  select * into v_row from public.generated_content where id = p_content for no key update;
  perform private.require_found(v_row.id);
  -- A row that was given up for interrupted may still be finished: its assumed cost is then replaced by the real one.
  if v_row.state <> 'generating' and not (v_row.state = 'failed' and v_row.failure ->> 'code' = 'interrupted') then
    return to_jsonb(v_row);
  end if;
  perform private.add_generation_calls(p_content, coalesce(p_result -> 'calls', '[]'));
  select
    coalesce(sum((usage ->> 'input_tokens')::bigint), 0),
    coalesce(sum((usage ->> 'output_tokens')::bigint + (usage ->> 'thinking_tokens')::bigint), 0),
    coalesce(sum(cost_micros), 0),
    case when bool_or(cost_basis = 'assumed') then 'assumed' when bool_or(cost_basis = 'reported') then 'reported'
      else 'none' end,
    jsonb_build_object(
      'calls', count(*),
      'input_tokens', coalesce(sum((usage ->> 'input_tokens')::bigint), 0),
      'cached_tokens', coalesce(sum((usage ->> 'cached_tokens')::bigint), 0),
      'output_tokens', coalesce(sum((usage ->> 'output_tokens')::bigint), 0),
      'thinking_tokens', coalesce(sum((usage ->> 'thinking_tokens')::bigint), 0))
  into v_input, v_written, v_cost, v_basis, v_usage
  from private.generation_calls where content_id = p_content;
  perform private.settle_generation(v_row, v_cost, v_input, v_written);
  update public.generated_content
  set state = case when v_output is null then 'failed' else 'draft' end,
      failure = case when v_output is null then p_result -> 'failure' end,
      output = v_output,
      content_hash = private.content_hash(v_output),
      warnings = coalesce(nullif(p_result -> 'warnings', 'null'), '[]')
        || private.similar_titles(v_row.channel_id, v_titles, v_row.root_id),
      model_answered = p_result ->> 'model_answered',
      usage = v_usage, cost_micros = v_cost, cost_basis = v_basis, reserved_micros = 0,
      finished_at = private.now(), version = version + 1
  where id = p_content
  returning * into v_row;
  if v_row.state = 'failed' then
    perform private.log_event('generation_failed', 'warning', 'generate', v_row.failure ->> 'message',
      jsonb_build_object('content_id', v_row.id, 'code', v_row.failure ->> 'code'), v_row.created_by);
  end if;
  return to_jsonb(v_row);
end
$$;
comment on function engine.finish_generation(uuid, jsonb) is
  'Stores what came of it, output or failure, keeps every raw answer and settles the reservation from the reported '
  'tokens.';

create function engine.interrupt_generation(p_content uuid) returns integer
language sql security definer set search_path = '' as $$
  select private.interrupt_generations(null, p_content)
$$;
comment on function engine.interrupt_generation(uuid) is
  'Ends this generation when its process must be gone; otherwise does nothing.';

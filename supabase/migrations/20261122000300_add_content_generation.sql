-- What the model wrote for a channel, what it was inspired by, and what it cost.
--
-- A generation is paid for whatever comes of it. So money is reserved before the model is called, settled from what the
-- answer reports, and a row says at every moment how far it has come: a process that dies in between leaves a row that
-- `private.interrupt_generations` ends, with the reservation counted as spent, since the call may have been billed.

-- Settings -----------------------------------------------------------------------------------------------------------

insert into private.settings (key, value) values
  ('generation_limits', '{"user_month_micros": 5000000, "deployment_month_micros": 500000000, "channel_day": 100}')
on conflict on constraint settings_pkey do nothing;

create function private.generation_limit(p_user uuid, p_name text) returns bigint
language plpgsql stable set search_path = '' as $$
begin
  return coalesce(
    (select (plan ->> ('generation_' || p_name))::bigint from public.users where id = p_user),
    (private.setting('generation_limits') ->> p_name)::bigint,
    case p_name when 'user_month_micros' then 5000000 when 'deployment_month_micros' then 500000000 when 'channel_day' then 100 end);
end
$$;
comment on function private.generation_limit(uuid, text) is
  'A limit on generation: the user''s own plan, else the operator''s setting, else the default. Money is in millionths of a US dollar.';

-- Usage --------------------------------------------------------------------------------------------------------------

create table public.usage_counters (
  user_id uuid not null,
  period date not null,
  generations integer not null default 0,
  input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  cost_micros bigint not null default 0,
  reserved_micros bigint not null default 0,
  renders integer not null default 0,
  render_credits bigint not null default 0,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint usage_counters_pkey primary key (user_id, period),
  constraint usage_counters_user_id_fkey foreign key (user_id) references public.users (id) on delete cascade,
  constraint usage_counters_period_check check (period = date_trunc('month', period)::date),
  constraint usage_counters_reserved_micros_check check (reserved_micros >= 0),
  constraint usage_counters_cost_micros_check check (cost_micros >= 0)
);
comment on table public.usage_counters is 'What a user has used of the outside services in a calendar month (UTC).';
comment on column public.usage_counters.period is 'First day of the month.';
comment on column public.usage_counters.cost_micros is 'Settled cost of generation in millionths of a US dollar.';
comment on column public.usage_counters.reserved_micros is 'Promised to generations whose end is not known yet; counts against the budget.';
comment on column public.usage_counters.renders is 'Renders that were submitted.';
create trigger usage_counters_touch before update on public.usage_counters for each row execute function private.touch_updated_at();
alter table public.usage_counters enable row level security;
grant select on public.usage_counters to authenticated;
create policy "users see their own usage" on public.usage_counters
  for select to authenticated using (user_id = (select auth.uid()));

create function private.usage_period(p_at timestamptz) returns date
language plpgsql immutable set search_path = '' as $$
begin
  return date_trunc('month', p_at at time zone 'UTC')::date;
end
$$;
comment on function private.usage_period(timestamptz) is 'The month of usage_counters in which an instant lies.';

create table private.generation_spend (
  period date not null,
  cost_micros bigint not null default 0,
  reserved_micros bigint not null default 0,
  constraint generation_spend_pkey primary key (period),
  constraint generation_spend_reserved_micros_check check (reserved_micros >= 0)
);
comment on table private.generation_spend is 'What the whole deployment has spent on generation in a month, so that its budget is one row to lock.';
alter table private.generation_spend enable row level security;

-- Content ------------------------------------------------------------------------------------------------------------

create table public.generated_content (
  id uuid not null default gen_random_uuid(),
  channel_id uuid not null,
  created_by uuid,
  kind text not null,
  root_id uuid not null,
  parent_id uuid,
  revision integer not null,
  origin text not null,
  part text,
  status text not null,
  failure jsonb,
  source_id uuid,
  source_item integer,
  brief jsonb not null default '{}',
  output jsonb,
  content_hash text,
  selected integer,
  warnings jsonb not null default '[]',
  inspired_by jsonb not null default '[]',
  voice_version integer not null,
  prompt_version text not null,
  seed integer not null,
  model_asked text not null,
  model_answered text,
  usage jsonb not null default '{}',
  cost_micros bigint not null default 0,
  cost_basis text not null default 'none',
  price_version text not null,
  reserved_micros bigint not null default 0,
  rating smallint,
  rating_reason text,
  rated_by uuid,
  rated_at timestamptz,
  approved_hash text,
  decided_by uuid,
  decided_at timestamptz,
  decision_reason text,
  started_at timestamptz not null default private.now(),
  finished_at timestamptz,
  version bigint not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint generated_content_pkey primary key (id),
  constraint generated_content_root_id_revision_key unique (root_id, revision),
  constraint generated_content_channel_id_fkey foreign key (channel_id) references public.channels (id) on delete cascade,
  constraint generated_content_created_by_fkey foreign key (created_by) references public.users (id) on delete set null,
  constraint generated_content_rated_by_fkey foreign key (rated_by) references public.users (id) on delete set null,
  constraint generated_content_decided_by_fkey foreign key (decided_by) references public.users (id) on delete set null,
  constraint generated_content_root_id_fkey foreign key (root_id) references public.generated_content (id) on delete cascade,
  constraint generated_content_parent_id_fkey foreign key (parent_id) references public.generated_content (id) on delete set null,
  constraint generated_content_source_id_fkey foreign key (source_id) references public.generated_content (id) on delete set null,
  constraint generated_content_kind_check check (kind in ('ideas', 'titles', 'script', 'description')),
  constraint generated_content_origin_check check (origin in ('generated', 'regenerated', 'edited')),
  constraint generated_content_status_check
    check (status in ('generating', 'draft', 'approved', 'rejected', 'superseded', 'failed', 'archived')),
  constraint generated_content_cost_basis_check check (cost_basis in ('none', 'reported', 'assumed')),
  constraint generated_content_rating_check check (rating between 1 and 5),
  constraint generated_content_output_check
    check (status not in ('draft', 'approved', 'rejected', 'superseded') or (output is not null and content_hash is not null)),
  constraint generated_content_failure_check check ((status <> 'failed') or failure is not null),
  constraint generated_content_approved_check check (status <> 'approved' or approved_hash = content_hash)
);
comment on table public.generated_content is
  'Generated text. What was written never changes: an edit or another try is a new row with the same root and the next revision.';
comment on column public.generated_content.root_id is 'First revision of the same piece; its own id for the first.';
comment on column public.generated_content.parent_id is 'The revision that this one was edited or regenerated from.';
comment on column public.generated_content.part is 'The part that was written anew when not all of it was.';
comment on column public.generated_content.status is
  'generating, then draft or failed; a person makes a draft approved or rejected; an approved one that was edited or replaced is superseded.';
comment on column public.generated_content.failure is
  '{"code", "message", …}: why there is no output, in words for the user. What it cost stands beside it.';
comment on column public.generated_content.source_id is 'The idea, titles or script that this was written from; source_item is the item in its list.';
comment on column public.generated_content.output is 'The text, in the form of its kind. A description''s text is complete: its chapters stand in it.';
comment on column public.generated_content.content_hash is 'SHA-256 of output; what an approval binds to.';
comment on column public.generated_content.selected is 'The item of a list that was approved.';
comment on column public.generated_content.warnings is '[{"code", "message", …}]: likeness to other videos and drafts, phrases to avoid. They stop nothing.';
comment on column public.generated_content.inspired_by is
  'The channel''s own videos that were shown to the model, with their scores at that time: [{"video_id", "title", "role", …}].';
comment on column public.generated_content.cost_basis is
  'none: nothing was billed. reported: from the tokens the service reported. assumed: the call may have been billed, so what was reserved is counted.';
comment on column public.generated_content.version is 'Counts changes of this row (rating, decision); the ETag of the resource.';
comment on column public.generated_content.started_at is 'On the product''s clock; a row that is still generating long after it is interrupted.';
create index generated_content_channel_id_created_at_idx on public.generated_content (channel_id, created_at desc, id desc);
create index generated_content_created_by_idx on public.generated_content (created_by);
create index generated_content_rated_by_idx on public.generated_content (rated_by);
create index generated_content_decided_by_idx on public.generated_content (decided_by);
create index generated_content_parent_id_idx on public.generated_content (parent_id);
create index generated_content_source_id_idx on public.generated_content (source_id);
create index generated_content_started_at_idx on public.generated_content (started_at) where status = 'generating';
create unique index generated_content_root_id_approved_key on public.generated_content (root_id) where status = 'approved';
create trigger generated_content_touch before update on public.generated_content for each row execute function private.touch_updated_at();
alter table public.generated_content enable row level security;
grant select on public.generated_content to authenticated;
create policy "members see the content of their channels" on public.generated_content
  for select to authenticated using (channel_id in (select private.my_channels()));

create function private.keep_content() returns trigger
language plpgsql set search_path = '' as $$
begin
  if old.output is not null and (new.output is distinct from old.output or new.content_hash is distinct from old.content_hash) then
    raise exception 'the output of content % does not change: make a new revision', old.id;
  end if;
  return new;
end
$$;
create trigger generated_content_keep before update on public.generated_content for each row execute function private.keep_content();

create table private.generation_calls (
  content_id uuid not null,
  call integer not null,
  outcome text not null,
  raw text,
  model_answered text,
  response_id text,
  usage jsonb,
  cost_micros bigint not null,
  cost_basis text not null,
  created_at timestamptz not null default clock_timestamp(),
  constraint generation_calls_pkey primary key (content_id, call),
  constraint generation_calls_content_id_fkey foreign key (content_id) references public.generated_content (id) on delete cascade,
  constraint generation_calls_cost_basis_check check (cost_basis in ('none', 'reported', 'assumed'))
);
comment on table private.generation_calls is
  'Every answer of the model as it came, good or not: it was paid for, and it shows why something failed. Not for users; kept for 30 days.';
alter table private.generation_calls enable row level security;
create index generation_calls_created_at_idx on private.generation_calls (created_at);
select cron.schedule('prune-generation-calls', '40 3 * * *',
  $$delete from private.generation_calls where created_at < now() - interval '30 days'$$);

create function private.content_hash(p_output jsonb) returns text
language sql immutable set search_path = '' as $$
  select encode(sha256(convert_to(p_output::text, 'UTF8')), 'hex')
$$;
comment on function private.content_hash(jsonb) is 'SHA-256 of an output; jsonb has one text for equal values.';

-- Likeness -----------------------------------------------------------------------------------------------------------

create function private.title_words(p_title text) returns text[]
language sql immutable set search_path = '' as $$
  select array(select distinct word from regexp_split_to_table(lower(p_title), '[\s[:punct:]]+') as word where word <> '')
$$;

create function private.similar_titles(p_channel uuid, p_titles text[], p_root uuid) returns jsonb
language sql stable set search_path = '' as $$
  with candidate as materialized (
    select c.item - 1 as item, c.title, private.title_words(c.title) as words
    from unnest(p_titles) with ordinality as c (title, item)
  ),
  draft as materialized (
    select g.id, g.output from public.generated_content g
    where g.channel_id = p_channel and g.root_id <> p_root and g.status in ('draft', 'approved')
    order by g.created_at desc limit 30
  ),
  known as materialized (
    select 'video' as source, v.id, v.title, private.title_words(v.title) as words
    from public.videos v where v.channel_id = p_channel and v.gone_at is null
    union all
    select 'draft', d.id, t.title, private.title_words(t.title)
    from draft d, lateral (
      select d.output ->> 'title' as title
      union all select e ->> 'title' from jsonb_array_elements(coalesce(d.output -> 'titles', '[]')) as e
      union all select e ->> 'title' from jsonb_array_elements(coalesce(d.output -> 'ideas', '[]')) as e
    ) as t
    where t.title is not null
  ),
  likeness as (
    select c.item, k.source, k.id, k.title,
      count(*)::double precision / (cardinality(c.words) + cardinality(k.words) - count(*)) as likeness
    from candidate c
    cross join unnest(c.words) as w (word)
    join (select source, id, title, words, word from known, unnest(words) as word) as k on k.word = w.word
    group by c.item, c.words, k.source, k.id, k.title, k.words
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'code', 'similar_title',
    'item', s.item,
    'message', format('Item %s is close to the %s "%s".', s.item + 1, s.source, left(s.title, 120)),
    'source', s.source, 'id', s.id, 'title', s.title, 'likeness', round(s.likeness::numeric, 2)) order by s.item), '[]')
  from (select distinct on (item) * from likeness where likeness >= 0.6 order by item, likeness desc, id) as s
$$;
comment on function private.similar_titles(uuid, text[], uuid) is
  'For each title the closest one among the channel''s videos and its last drafts, when they share most of their words. '
  'A channel that repeats itself looks mass-produced.';

-- Money --------------------------------------------------------------------------------------------------------------

create function private.reserve_generation_budget(p_user uuid, p_micros bigint) returns void
language plpgsql set search_path = '' as $$
declare
  v_period date := private.usage_period(private.now());
  v_user public.usage_counters;
  v_all private.generation_spend;
  v_limit bigint := private.generation_limit(p_user, 'user_month_micros');
  v_next text := to_char(v_period + interval '1 month', 'YYYY-MM-DD');
begin
  insert into public.usage_counters (user_id, period) values (p_user, v_period) on conflict on constraint usage_counters_pkey do nothing;
  select * into v_user from public.usage_counters where user_id = p_user and period = v_period for no key update;
  if v_user.cost_micros + v_user.reserved_micros + p_micros > v_limit then
    perform private.refuse(402, 'budget_exhausted', format(
      'This generation can cost up to $%s; of this month''s $%s you have used $%s and $%s is reserved for generations that are running. '
      'The budget is renewed on %s.',
      to_char(p_micros / 1e6, 'FM999990.0000'), to_char(v_limit / 1e6, 'FM999990.00'),
      to_char(v_user.cost_micros / 1e6, 'FM999990.0000'), to_char(v_user.reserved_micros / 1e6, 'FM999990.0000'), v_next));
  end if;
  insert into private.generation_spend (period) values (v_period) on conflict on constraint generation_spend_pkey do nothing;
  select * into v_all from private.generation_spend where period = v_period for no key update;
  if v_all.cost_micros + v_all.reserved_micros + p_micros > private.generation_limit(null, 'deployment_month_micros') then
    perform private.refuse(402, 'budget_exhausted', format(
      'This deployment''s budget for generation is used up until %s. Ask its operator.', v_next));
  end if;
  update public.usage_counters set reserved_micros = reserved_micros + p_micros where user_id = p_user and period = v_period;
  update private.generation_spend set reserved_micros = reserved_micros + p_micros where period = v_period;
end
$$;
comment on function private.reserve_generation_budget(uuid, bigint) is 'Sets money aside before it is spent, or refuses with what is left.';

create function private.settle_generation(p_row public.generated_content, p_cost bigint, p_input bigint, p_output bigint) returns void
language plpgsql set search_path = '' as $$
declare
  -- The month in which it was reserved, whenever it ends.
  v_period date := private.usage_period((p_row).started_at);
begin
  update public.usage_counters
  set reserved_micros = greatest(0, reserved_micros - (p_row).reserved_micros),
      cost_micros = greatest(0, cost_micros + p_cost - (p_row).cost_micros),
      input_tokens = input_tokens + p_input,
      output_tokens = output_tokens + p_output,
      generations = generations + case when (p_row).status = 'generating' then 1 else 0 end
  where user_id = (p_row).created_by and period = v_period;
  update private.generation_spend
  set reserved_micros = greatest(0, reserved_micros - (p_row).reserved_micros),
      cost_micros = greatest(0, cost_micros + p_cost - (p_row).cost_micros)
  where period = v_period;
end
$$;
comment on function private.settle_generation(public.generated_content, bigint, bigint, bigint) is
  'Replaces a reservation (or an assumed cost) by what it did cost.';

create function private.interrupt_generations(p_user uuid default null, p_content uuid default null) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  v_row public.generated_content;
  v_ended integer := 0;
  v_known bigint;
begin
  for v_row in
    select * from public.generated_content
    where status = 'generating' and started_at < private.now() - interval '3 minutes'
      and (p_user is null or created_by = p_user) and (p_content is null or id = p_content)
    order by id for no key update skip locked
  loop
    select coalesce(sum(cost_micros), 0) into v_known from private.generation_calls where content_id = v_row.id;
    -- Nobody knows how far it came: what was set aside counts as spent, because the call may have been billed.
    perform private.settle_generation(v_row, greatest(v_known, v_row.reserved_micros), 0, 0);
    update public.generated_content
    set status = 'failed', cost_micros = greatest(v_known, v_row.reserved_micros), cost_basis = 'assumed', reserved_micros = 0,
        finished_at = private.now(), version = version + 1,
        failure = jsonb_build_object('code', 'interrupted', 'retryable', true,
          'message', 'The work was interrupted before the answer was stored. What was set aside for it counts as spent. Generate again.')
    where id = v_row.id;
    v_ended := v_ended + 1;
  end loop;
  return v_ended;
end
$$;
comment on function private.interrupt_generations(uuid, uuid) is
  'Ends generations whose process is gone: no request lives longer than a minute, so none still runs after three.';
select cron.schedule('interrupt-generations', '* * * * *', 'select private.interrupt_generations()');

-- Engine -------------------------------------------------------------------------------------------------------------

create function engine.reserve_generation(p_user uuid, p_idempotency jsonb default null, p_generation jsonb default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_answer jsonb := private.begin_request(p_user, 'content.generate', p_idempotency);
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
  select * into v_channel from public.channels where id = (p_generation ->> 'channel_id')::uuid;
  if v_channel.state = 'erasing' then
    perform private.refuse(409, 'channel_disconnected', 'This channel is being erased.');
  end if;
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
  if v_source is not null and not exists (select from public.generated_content where id = v_source and channel_id = v_channel.id) then
    perform private.refuse(404, 'not_found', 'No such object.');
  end if;

  v_ceiling := private.generation_limit(p_user, 'channel_day');
  select count(*) into v_today from public.generated_content
  where channel_id = v_channel.id and origin <> 'edited'
    and started_at >= date_trunc('day', private.now() at time zone v_channel.time_zone) at time zone v_channel.time_zone;
  if v_today >= v_ceiling then
    perform private.refuse(429, 'quota_exhausted', format(
      'This channel has had %s generations today, its ceiling. YouTube turns away channels that look mass-produced; '
      'the count starts again at midnight in %s.', v_today, v_channel.time_zone));
  end if;
  perform private.reserve_generation_budget(p_user, v_reserve);

  insert into public.generated_content (
    id, channel_id, created_by, kind, root_id, parent_id, revision, origin, part, status, source_id, source_item, brief,
    inspired_by, voice_version, prompt_version, seed, model_asked, price_version, reserved_micros)
  values (
    v_id, v_channel.id, p_user, p_generation ->> 'kind', coalesce(v_parent.root_id, v_id), v_parent.id, v_revision,
    case when v_parent.id is null then 'generated' else 'regenerated' end, p_generation ->> 'part', 'generating',
    v_source, (p_generation ->> 'source_item')::integer, p_generation -> 'brief',
    coalesce(p_generation -> 'inspired_by', '[]'), (p_generation ->> 'voice_version')::integer,
    p_generation ->> 'prompt_version', (p_generation ->> 'seed')::integer, p_generation ->> 'model_asked',
    p_generation ->> 'price_version', v_reserve);
  return private.end_request(p_user, 'content.generate', p_idempotency, jsonb_build_object('id', v_id));
end
$$;
comment on function engine.reserve_generation(uuid, jsonb, jsonb) is
  'Before the model is called: checks role, daily ceiling and budgets, sets the money aside and makes the row. '
  '`replayed` in the answer: this Idempotency-Key has made that row before, nothing is to be generated.';

create function private.add_generation_calls(p_content uuid, p_calls jsonb) returns void
language sql set search_path = '' as $$
  insert into private.generation_calls (content_id, call, outcome, raw, model_answered, response_id, usage, cost_micros, cost_basis)
  select p_content, (c ->> 'call')::integer, c ->> 'outcome', c ->> 'raw', c ->> 'model_answered', c ->> 'response_id', c -> 'usage',
    (c ->> 'cost_micros')::bigint, c ->> 'cost_basis'
  from jsonb_array_elements(p_calls) as c
  on conflict on constraint generation_calls_pkey do nothing
$$;

create function engine.record_generation_call(p_content uuid default null, p_call jsonb default null) returns void
language sql security definer set search_path = '' as $$
  select private.add_generation_calls(p_content, jsonb_build_array(p_call))
$$;
comment on function engine.record_generation_call(uuid, jsonb) is
  'Keeps an answer that was paid for before another call is made, so that a crash in between loses nothing of it.';

create function engine.finish_generation(p_content uuid default null, p_result jsonb default null) returns jsonb
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
  if v_row.id is null then
    perform private.refuse(404, 'not_found', 'No such object.');
  end if;
  -- A row that was given up for interrupted may still be finished: its assumed cost is then replaced by the real one.
  if v_row.status <> 'generating' and not (v_row.status = 'failed' and v_row.failure ->> 'code' = 'interrupted') then
    return to_jsonb(v_row);
  end if;
  perform private.add_generation_calls(p_content, coalesce(p_result -> 'calls', '[]'));
  select
    coalesce(sum((usage ->> 'input_tokens')::bigint), 0),
    coalesce(sum((usage ->> 'output_tokens')::bigint + (usage ->> 'thinking_tokens')::bigint), 0),
    coalesce(sum(cost_micros), 0),
    case when bool_or(cost_basis = 'assumed') then 'assumed' when bool_or(cost_basis = 'reported') then 'reported' else 'none' end,
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
  set status = case when v_output is null then 'failed' else 'draft' end,
      failure = case when v_output is null then p_result -> 'failure' end,
      output = v_output,
      content_hash = private.content_hash(v_output),
      warnings = coalesce(nullif(p_result -> 'warnings', 'null'), '[]') || private.similar_titles(v_row.channel_id, v_titles, v_row.root_id),
      model_answered = p_result ->> 'model_answered',
      usage = v_usage, cost_micros = v_cost, cost_basis = v_basis, reserved_micros = 0,
      finished_at = private.now(), version = version + 1
  where id = p_content
  returning * into v_row;
  if v_row.status = 'failed' then
    perform private.log_event('generation_failed', 'warning', 'generate', v_row.failure ->> 'message',
      jsonb_build_object('content_id', v_row.id, 'code', v_row.failure ->> 'code'), v_row.created_by);
  end if;
  return to_jsonb(v_row);
end
$$;
comment on function engine.finish_generation(uuid, jsonb) is
  'Stores what came of it, output or failure, keeps every raw answer and settles the reservation from the reported tokens.';

create function engine.interrupt_generation(p_content uuid default null) returns integer
language sql security definer set search_path = '' as $$
  select private.interrupt_generations(null, p_content)
$$;
comment on function engine.interrupt_generation(uuid) is 'Ends this generation when its process must be gone; otherwise does nothing.';

create function private.hold_content(p_user uuid, p_content uuid, p_version bigint) returns public.generated_content
language plpgsql set search_path = '' as $$
declare
  v_row public.generated_content;
begin
  select * into v_row from public.generated_content where id = p_content for no key update;
  if v_row.id is null then
    perform private.refuse(404, 'not_found', 'No such object.');
  end if;
  perform private.require_role(p_user, v_row.channel_id, array['owner', 'editor']);
  if p_version is not null and v_row.version <> p_version then
    perform private.refuse(412, 'version_mismatch', 'The content has changed since you read it. Read it again, then decide.');
  end if;
  if v_row.status in ('generating', 'archived') or (v_row.output is null) then
    perform private.refuse(409, 'invalid_state', format('This content is %s; there is nothing to change.', v_row.status));
  end if;
  return v_row;
end
$$;

create function engine.edit_content(p_user uuid, p_content uuid default null, p_version bigint default null, p_output jsonb default null, p_titles text[] default null, p_warnings jsonb default null)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_old public.generated_content := private.hold_content(p_user, p_content, p_version);
  v_new public.generated_content;
  v_hash text := private.content_hash(p_output);
begin
  if v_hash = v_old.content_hash then
    perform private.refuse(422, 'invalid_body', 'The text is the same as before.', '/output');
  end if;
  perform pg_advisory_xact_lock(hashtextextended('generate:' || v_old.channel_id, 0));
  if v_old.status = 'approved' then
    -- The approval was given for other words.
    update public.generated_content set status = 'superseded', version = version + 1 where id = v_old.id;
  end if;
  insert into public.generated_content (
    channel_id, created_by, kind, id, root_id, parent_id, revision, origin, status, source_id, source_item, brief, output,
    content_hash, warnings, inspired_by, voice_version, prompt_version, seed, model_asked, model_answered, price_version, finished_at)
  select
    v_old.channel_id, p_user, v_old.kind, gen_random_uuid(), v_old.root_id, v_old.id, max(revision) + 1, 'edited', 'draft',
    v_old.source_id, v_old.source_item, v_old.brief, p_output, v_hash,
    coalesce(p_warnings, '[]') || private.similar_titles(v_old.channel_id, coalesce(p_titles, '{}'), v_old.root_id),
    v_old.inspired_by, v_old.voice_version, v_old.prompt_version, v_old.seed, v_old.model_asked, v_old.model_answered,
    v_old.price_version, private.now()
  from public.generated_content where root_id = v_old.root_id
  returning * into v_new;
  return to_jsonb(v_new);
end
$$;
comment on function engine.edit_content(uuid, uuid, bigint, jsonb, text[], jsonb) is
  'A person''s edit: a new revision. An approval of the edited one ends, because it was given for other words.';

create function engine.rate_content(p_user uuid, p_content uuid default null, p_version bigint default null, p_rating integer default null, p_reason text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_row public.generated_content := private.hold_content(p_user, p_content, p_version);
begin
  update public.generated_content
  set rating = p_rating, rating_reason = p_reason, version = version + 1,
      rated_by = case when p_rating is null then null else p_user end,
      rated_at = case when p_rating is null then null else private.now() end
  where id = v_row.id
  returning * into v_row;
  return to_jsonb(v_row);
end
$$;
comment on function engine.rate_content(uuid, uuid, bigint, integer, text) is 'Rates a revision from 1 to 5 with a reason; null takes the rating back.';

create function engine.approve_content(p_user uuid, p_content uuid default null, p_version bigint default null, p_hash text default null, p_item integer default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_row public.generated_content := private.hold_content(p_user, p_content, p_version);
  v_items integer := jsonb_array_length(coalesce(v_row.output -> 'titles', v_row.output -> 'ideas', '[]'));
begin
  if p_hash is not null and p_hash <> v_row.content_hash then
    perform private.refuse(409, 'invalid_state', 'This is not the text that you read. Read it again, then approve it.', '/content_hash');
  end if;
  if v_row.status = 'superseded' then
    perform private.refuse(409, 'invalid_state', 'A newer revision has taken its place. Approve that one, or edit this one anew.');
  end if;
  if p_item is not null and p_item not between 0 and v_items - 1 then
    perform private.refuse(422, 'invalid_body', format('Name one of the %s items, counted from 0.', v_items), '/item');
  end if;
  update public.generated_content set status = 'superseded', version = version + 1
  where root_id = v_row.root_id and status = 'approved' and id <> v_row.id;
  update public.generated_content
  set status = 'approved', approved_hash = content_hash, selected = p_item, decided_by = p_user, decided_at = private.now(),
      decision_reason = null, version = version + 1
  where id = v_row.id
  returning * into v_row;
  return to_jsonb(v_row);
end
$$;
comment on function engine.approve_content(uuid, uuid, bigint, text, integer) is
  'Approves exactly these words. One revision of a piece is approved at a time; the one before is superseded.';

create function engine.reject_content(p_user uuid, p_content uuid default null, p_version bigint default null, p_reason text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_row public.generated_content := private.hold_content(p_user, p_content, p_version);
begin
  if v_row.status = 'superseded' then
    perform private.refuse(409, 'invalid_state', 'A newer revision has taken its place.');
  end if;
  update public.generated_content
  set status = 'rejected', approved_hash = null, decided_by = p_user, decided_at = private.now(), decision_reason = p_reason,
      version = version + 1
  where id = v_row.id
  returning * into v_row;
  return to_jsonb(v_row);
end
$$;
comment on function engine.reject_content(uuid, uuid, bigint, text) is 'Rejects a revision with a reason; an approval ends.';

create function engine.archive_content(p_user uuid, p_content uuid default null, p_version bigint default null) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_row public.generated_content;
begin
  select * into v_row from public.generated_content where id = p_content for no key update;
  if v_row.id is null then
    perform private.refuse(404, 'not_found', 'No such object.');
  end if;
  perform private.require_role(p_user, v_row.channel_id, array['owner', 'editor']);
  if p_version is not null and v_row.version <> p_version then
    perform private.refuse(412, 'version_mismatch', 'The content has changed since you read it. Read it again, then decide.');
  end if;
  if v_row.status = 'generating' then
    perform private.refuse(409, 'invalid_state', 'This content is still being generated.');
  end if;
  update public.generated_content set status = 'archived', version = version + 1 where id = v_row.id and status <> 'archived';
end
$$;
comment on function engine.archive_content(uuid, uuid, bigint) is 'Takes a revision out of the lists. What it cost and what it inspired stay known.';

create function private.approved_script(p_channel uuid, p_content uuid) returns public.generated_content
language plpgsql stable set search_path = '' as $$
declare
  v_row public.generated_content;
begin
  select * into v_row from public.generated_content where id = p_content and channel_id = p_channel;
  if v_row.id is null then
    perform private.refuse(404, 'not_found', 'No such object.');
  end if;
  if v_row.kind <> 'script' then
    perform private.refuse(422, 'invalid_body', format('This content is of the kind %s; a script is needed.', v_row.kind), '/content_id');
  end if;
  if v_row.status <> 'approved' or v_row.approved_hash is distinct from private.content_hash(v_row.output) then
    perform private.refuse(409, 'approval_required', 'Approve this script first. An edit ends an approval.', '/content_id');
  end if;
  return v_row;
end
$$;
comment on function private.approved_script(uuid, uuid) is
  'The script to render, for engine functions that have checked the caller''s role on the channel. Refuses anything but the approved words.';

revoke all on function
  engine.reserve_generation(uuid, jsonb, jsonb), engine.record_generation_call(uuid, jsonb), engine.finish_generation(uuid, jsonb),
  engine.interrupt_generation(uuid), engine.edit_content(uuid, uuid, bigint, jsonb, text[], jsonb),
  engine.rate_content(uuid, uuid, bigint, integer, text), engine.approve_content(uuid, uuid, bigint, text, integer),
  engine.reject_content(uuid, uuid, bigint, text), engine.archive_content(uuid, uuid, bigint)
from public, anon, authenticated;
grant execute on function
  engine.reserve_generation(uuid, jsonb, jsonb), engine.record_generation_call(uuid, jsonb), engine.finish_generation(uuid, jsonb),
  engine.interrupt_generation(uuid), engine.edit_content(uuid, uuid, bigint, jsonb, text[], jsonb),
  engine.rate_content(uuid, uuid, bigint, integer, text), engine.approve_content(uuid, uuid, bigint, text, integer),
  engine.reject_content(uuid, uuid, bigint, text), engine.archive_content(uuid, uuid, bigint)
to service_role;

-- What the model wrote for a channel, what it was inspired by, and what it cost.

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
  state text not null,
  title text,
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
  constraint generated_content_channel_id_fkey foreign key (channel_id)
    references public.channels (id) on delete cascade,
  constraint generated_content_created_by_fkey foreign key (created_by) references public.users (id) on delete set null,
  constraint generated_content_rated_by_fkey foreign key (rated_by) references public.users (id) on delete set null,
  constraint generated_content_decided_by_fkey foreign key (decided_by) references public.users (id) on delete set null,
  constraint generated_content_root_id_fkey foreign key (root_id)
    references public.generated_content (id) on delete cascade,
  constraint generated_content_parent_id_fkey foreign key (parent_id)
    references public.generated_content (id) on delete set null,
  constraint generated_content_source_id_fkey foreign key (source_id)
    references public.generated_content (id) on delete set null,
  constraint generated_content_kind_check check (kind in ('ideas', 'titles', 'script', 'description')),
  constraint generated_content_origin_check check (origin in ('generated', 'regenerated', 'edited')),
  constraint generated_content_state_check
    check (state in ('generating', 'draft', 'approved', 'rejected', 'superseded', 'failed', 'archived')),
  constraint generated_content_cost_basis_check check (cost_basis in ('none', 'reported', 'assumed')),
  constraint generated_content_rating_check check (rating between 1 and 5),
  constraint generated_content_output_check
    check (state not in ('draft', 'approved', 'rejected', 'superseded')
      or (output is not null and content_hash is not null)),
  constraint generated_content_failure_check check ((state <> 'failed') or failure is not null),
  constraint generated_content_approved_check check (state <> 'approved' or approved_hash = content_hash)
);
comment on table public.generated_content is
  'Generated text. What was written never changes: an edit or another try is a new row with the same root and the '
  'next revision.';
comment on column public.generated_content.root_id is 'First revision of the same piece; its own id for the first.';
comment on column public.generated_content.parent_id is 'The revision that this one was edited or regenerated from.';
comment on column public.generated_content.part is 'The part that was written anew when not all of it was.';
comment on column public.generated_content.state is
  'generating, then draft or failed; a person makes a draft approved or rejected; an approved one that was edited or '
  'replaced is superseded.';
comment on column public.generated_content.title is
  'What it is called in lists: the title in its output; of ideas and titles that of the approved item, else the first.';
comment on column public.generated_content.failure is
  '{"code", "message", …}: why there is no output, in words for the user. What it cost stands beside it.';
comment on column public.generated_content.source_id is
  'The idea, titles or script that this was written from; source_item is the item in its list.';
comment on column public.generated_content.output is
  'The text, in the form of its kind. A description''s text is complete: its chapters stand in it.';
comment on column public.generated_content.content_hash is 'SHA-256 of output; what an approval binds to.';
comment on column public.generated_content.selected is 'The item of a list that was approved.';
comment on column public.generated_content.warnings is
  '[{"code", "message", …}]: likeness to other videos and drafts, phrases to avoid. They stop nothing.';
comment on column public.generated_content.inspired_by is
  'The channel''s own videos that were shown to the model, with their scores at that time: [{"video_id", "title", '
  '"role", …}].';
comment on column public.generated_content.cost_basis is
  'none: nothing was billed. reported: from the tokens the service reported. assumed: the call may have been billed, '
  'so what was reserved is counted.';
comment on column public.generated_content.version is
  'Counts changes of this row (rating, decision); the ETag of the resource.';
comment on column public.generated_content.started_at is
  'On the product''s clock; a row that is still generating long after it is interrupted.';
create index generated_content_channel_id_created_at_idx on public.generated_content (channel_id, created_at desc,
  id desc);
create index generated_content_finished_at_idx on public.generated_content (finished_at) where origin <> 'edited';
create index generated_content_created_by_idx on public.generated_content (created_by);
create index generated_content_rated_by_idx on public.generated_content (rated_by);
create index generated_content_decided_by_idx on public.generated_content (decided_by);
create index generated_content_parent_id_idx on public.generated_content (parent_id);
create index generated_content_source_id_idx on public.generated_content (source_id);
create index generated_content_started_at_idx on public.generated_content (started_at) where state = 'generating';
create unique index generated_content_root_id_approved_key on public.generated_content (root_id)
  where state = 'approved';
create trigger generated_content_touch before update on public.generated_content
  for each row execute function private.touch_updated_at();
alter table public.generated_content enable row level security;
grant select on public.generated_content to authenticated;
create policy "members see the content of their channels" on public.generated_content
  for select to authenticated using (channel_id in (select private.my_channels()));

create function private.title_content() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.title := coalesce(new.output ->> 'title',
    coalesce(new.output -> 'titles', new.output -> 'ideas') -> coalesce(new.selected, 0) ->> 'title');
  return new;
end
$$;
create trigger generated_content_title before insert or update of output, selected on public.generated_content
  for each row execute function private.title_content();

create function private.refuse_output_change() returns trigger
language plpgsql set search_path = '' as $$
begin
  if old.output is not null
    and (new.output is distinct from old.output or new.content_hash is distinct from old.content_hash) then
    raise exception 'the output of content % does not change: make a new revision', old.id;
  end if;
  return new;
end
$$;
create trigger generated_content_check before update on public.generated_content
  for each row execute function private.refuse_output_change();

create function private.content_hash(p_output jsonb) returns text
language sql immutable set search_path = '' as $$
  select encode(sha256(convert_to(p_output::text, 'UTF8')), 'hex')
$$;
comment on function private.content_hash(jsonb) is 'SHA-256 of an output; jsonb has one text for equal values.';

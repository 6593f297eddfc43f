-- Every answer of the model, as it came.

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
  constraint generation_calls_content_id_fkey foreign key (content_id)
    references public.generated_content (id) on delete cascade,
  constraint generation_calls_cost_basis_check check (cost_basis in ('none', 'reported', 'assumed'))
);
comment on table private.generation_calls is
  'Every answer of the model as it came, good or not: it was paid for, and it shows why something failed. Not for '
  'users; kept for 30 days.';
alter table private.generation_calls enable row level security;
create index generation_calls_created_at_idx on private.generation_calls (created_at);
select cron.schedule('prune-generation-calls', '40 3 * * *',
  $$delete from private.generation_calls where created_at < now() - interval '30 days'$$);

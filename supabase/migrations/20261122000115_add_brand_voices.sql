-- Every voice that a channel has had: what was written under it names it by its number.

create table public.brand_voices (
  id uuid not null default gen_random_uuid(),
  channel_id uuid not null,
  version integer not null,
  voice jsonb not null,
  created_at timestamptz not null default clock_timestamp(),
  constraint brand_voices_pkey primary key (id),
  constraint brand_voices_channel_id_version_key unique (channel_id, version),
  constraint brand_voices_channel_id_fkey foreign key (channel_id) references public.channels (id) on delete cascade
);
comment on table public.brand_voices is
  'The brand voices of a channel, each as it was; generated_content.voice_version names one.';
create index brand_voices_created_at_idx on public.brand_voices (channel_id, created_at desc, id desc);

alter table public.brand_voices enable row level security;
grant select on public.brand_voices to authenticated;
create policy "members see the voices of their channels" on public.brand_voices
  for select to authenticated using (channel_id in (select private.my_channels()));

create function private.keep_brand_voice() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.brand_voices (channel_id, version, voice)
  values (new.id, new.brand_voice_version, new.brand_voice)
  on conflict on constraint brand_voices_channel_id_version_key do nothing;
  return null;
end
$$;
comment on function private.keep_brand_voice() is 'Keeps the voice that a channel has from now on.';
create trigger channels_keep_first_brand_voice after insert on public.channels
  for each row execute function private.keep_brand_voice();
create trigger channels_keep_brand_voice after update of brand_voice_version on public.channels
  for each row when (new.brand_voice_version <> old.brand_voice_version) execute function private.keep_brand_voice();

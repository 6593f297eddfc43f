-- The drill's own table and function. They are not backed up: what is needed afterwards is kept outside.
create schema drill;
create table drill.jobs (n integer primary key, channel_id uuid not null, content_id uuid not null, render_id uuid not null);

-- Approved scripts, each with a paid render. Nothing is scheduled yet.
create function drill.render(p_user uuid, p_channels uuid[], p_jobs integer, p_request jsonb) returns void language plpgsql as $$
declare
  v_id uuid;
  v_channel uuid;
  v_output jsonb;
  v_render jsonb;
begin
  insert into private.settings (key, value)
  values ('quota_capacity', '{"uploads": 1000000, "search": 100, "batch_get_stats": 10000, "units": 1000000000}')
  on conflict (key) do update set value = excluded.value;
  update public.channels set minimum_gap_minutes = 0;
  for v_n in 1 .. p_jobs loop
    v_id := gen_random_uuid();
    v_channel := p_channels[1 + v_n % cardinality(p_channels)];
    v_output := jsonb_build_object('title', 'Job ' || v_n, 'hook', 'Job ' || v_n, 'beats', '[]'::jsonb);
    insert into public.generated_content (id, root_id, channel_id, created_by, kind, revision, origin, status, output, content_hash,
      approved_hash, voice_version, prompt_version, seed, model_asked, price_version)
    values (v_id, v_id, v_channel, p_user, 'script', 1, 'generated', 'approved', v_output, private.content_hash(v_output),
      private.content_hash(v_output), 1, 'drill', 1, 'drill', 'drill');
    v_render := engine.request_render(p_user, null, v_id, private.content_hash(v_output),
      p_request || jsonb_build_object('script', 'Drill ' || v_n), 10, 'provider',
      '{"renders_per_month": 1000000, "credits_per_render": 1000, "credits_per_day": 100000000}');
    insert into drill.jobs values (v_n, v_channel, v_id, (v_render ->> 'id')::uuid);
  end loop;
end
$$;

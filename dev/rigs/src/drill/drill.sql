-- The drill's own table and function. They are not backed up: what is needed afterwards is kept outside.
create schema drill;
create table drill.jobs (n integer primary key, render_id uuid not null);

-- Approved scripts, each with a paid render. Nothing is scheduled yet.
create function drill.render(p_user uuid, p_channels uuid[], p_jobs integer, p_request jsonb) returns void language plpgsql as $$
begin
  perform rig.lift_quota();
  update public.channels set minimum_gap_minutes = 0;
  for v_n in 1 .. p_jobs loop
    insert into drill.jobs values (v_n,
      rig.ask_for_render(p_channels[1 + v_n % cardinality(p_channels)], p_user, 'Drill ' || v_n, p_request));
  end loop;
end
$$;

-- The functions of the deployment may call what `engine` holds; the rules stand inside of each.

grant execute on all functions in schema engine to service_role;

// The commands of the documentation that no test runs as they stand, each with what does instead, or why nothing can.
//
// `account`: it needs one of that service. `test`: this runs the same. `workflow`: it takes long, and this one runs it.
// `people`: it is for people at their own machine, and what it does is tried by the test that is named.

export const ELSEWHERE = [
  { command: /^vercel (alias|deploy|list|rollback|promote)/, account: 'Vercel' },
  { command: 'cargo run -p catalyst-cli -- deploy', account: 'Supabase and Vercel' },
  { command: 'supabase config push', account: 'Supabase' },
  { command: /^catalyst backup (create|erasures|verify|prune|list)$/, test: 'cli/tests/backup' },
  { command: /^catalyst (settings|users|unclaimed) /, test: 'tests/flows/settings.rs' },
  { command: /^catalyst recover /, test: 'cli/tests/recover.rs' },
  { command: /^target\/tool\/catalyst-dev bench /, people: 'measures for minutes', test: 'dev/rigs/src/bench' },
  { command: /^supabase (stack |start$)/, workflow: 'weekly', test: 'scripts/supabase-tests' },
  { command: /^catalyst-dev up --supabase$/, people: 'a stack until Ctrl-C', test: 'scripts/supabase-tests' },
  { command: /^export /, people: 'variables of the commands below them', test: 'scripts/supabase-tests' },
  { command: 'cp .env.example .env.local', people: 'a file of settings', test: 'examples/next/test/run' },
  { command: '(cd ../../sdk && npm ci && npm run build)', people: 'the client, built', test: 'examples/next/test/run' },
  { command: 'npm ci', people: 'packages, installed', test: 'examples/next/test/run' },
  { command: 'npx next dev', people: 'a server to work with', test: 'examples/next/test/run' },
];

/** Targets that neither `make test` nor a workflow runs. */
export const TARGETS = {
  demo: { people: 'the stages are those of the flows', test: 'tests/flows' },
  up: { people: 'a stack until Ctrl-C; tests have theirs from `catalyst-dev exec`', test: 'tests/flows' },
  down: { people: 'ends `make up`', test: 'dev/stack/src/up.rs' },
  reset: { people: 'forgets the data of `make up`', test: 'dev/stack/src/up.rs' },
  bench: { people: 'its figures want a machine with nothing else to do', test: 'dev/rigs/src/bench' },
  calibrate: { people: 'reads public channels, which are not kept here', test: 'lib/scoring/src/predictive/tests.rs' },
  sdk: { people: 'writes files; `make test` compares them', test: 'sdk/test/run' },
  'api-examples': { people: 'writes files; `make test` compares them', test: 'tests/openapi/run' },
  snapshots: { people: 'writes files; `make test` compares them', test: 'tests/api/problems' },
  'supabase-types': { people: 'writes files; `make test` compares them', test: 'tests/supabase-cli/run' },
  'supabase-lint': { people: 'a part of `make stack-tests`', test: 'tests/supabase-cli/run' },
};

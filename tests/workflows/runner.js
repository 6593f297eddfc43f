// Plays a workflow as GitHub would: which jobs run after what, what their expressions say, which step sees which secret. Expressions
// are read by GitHub's own library. A job that calls a workflow plays that one; steps that `use` an action do nothing.

import { Evaluator, Lexer, Parser, data } from '@actions/expressions';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

const folder = new URL('../../.github/workflows/', import.meta.url);
export const workflow = (name) => parse(readFileSync(new URL(`${name}.yml`, folder), 'utf8'));

/** Whether an event starts a workflow: `push` by its branch, the others by their kind. */
export function starts(name, { event, branch, type }) {
  const on = workflow(name).on;
  if (!(event in on)) return false;
  const filter = on[event] ?? {};
  return (!filter.branches || filter.branches.includes(branch)) && (!filter.types || filter.types.includes(type));
}

const CONTEXTS = ['github', 'needs', 'secrets', 'vars', 'steps'];
const STATUS = ['success', 'failure', 'always', 'cancelled'];

function toData(value) {
  if (value === null || value === undefined) return new data.Null();
  if (typeof value === 'string') return new data.StringData(value);
  if (typeof value === 'boolean') return new data.BooleanData(value);
  if (typeof value === 'number') return new data.NumberData(value);
  if (Array.isArray(value)) return new data.Array(...value.map(toData));
  return new data.Dictionary(...Object.entries(value).map(([key, each]) => ({ key, value: toData(each) })));
}

function evaluate(expression, context, status) {
  const functions = STATUS.map((name) => ({ name, minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(status?.[name] ?? false) }));
  const { tokens } = new Lexer(expression).lex();
  const read = new Parser(tokens, CONTEXTS, functions).parse();
  const known = new data.Dictionary(...CONTEXTS.map((key) => ({ key, value: toData(context[key] ?? {}) })));
  return new Evaluator(read, known, new Map(functions.map((each) => [each.name, each]))).evaluate();
}

const text = (value, context) => String(value ?? '').replace(/\$\{\{([^]*?)\}\}/g, (_, expression) => evaluate(expression.trim(), context).coerceString());

function runs(condition, context, status) {
  if (condition === undefined) return status.success;
  const expression = String(condition).replace(/^\s*\$\{\{([^]*)\}\}\s*$/, '$1').trim();
  const value = evaluate(expression, context, status);
  const isTrue = value.kind === data.Kind.Boolean ? value.value : Boolean(value.coerceString());
  return STATUS.some((name) => expression.includes(`${name}(`)) ? isTrue : status.success && isTrue;
}

const ancestors = (jobs, id) => [jobs[id].needs ?? []].flat().flatMap((need) => [need, ...ancestors(jobs, need)]);

/**
 * `github` is the event; `settings` has `vars` and, of each environment, `secrets`; `step({ run, env, path })` does a command and
 * answers `{ ok, outputs }`; `stop(path)` may name a job's end, such as `cancelled`, before it begins.
 */
export async function play(name, github, settings, step, stop = () => undefined, within = name) {
  const { jobs } = workflow(name);
  const done = {};
  while (Object.keys(done).length < Object.keys(jobs).length) {
    const id = Object.keys(jobs).find((each) => !done[each] && [jobs[each].needs ?? []].flat().every((need) => done[need]));
    const job = jobs[id];
    const results = ancestors(jobs, id).map((each) => done[each].result);
    const status = { always: true, cancelled: false, success: results.every((each) => each === 'success'), failure: results.includes('failure') };
    const needs = Object.fromEntries([job.needs ?? []].flat().map((need) => [need, done[need]]));
    const context = { github, needs, vars: settings.vars, secrets: settings.secrets[job.environment] ?? {}, steps: {} };
    done[id] = { result: 'skipped', outputs: {} };
    if (!runs(job.if, context, status)) continue;
    const path = `${within}/${id}`;
    done[id].result = stop(path) ?? 'success';
    if (done[id].result !== 'success') continue;
    if (job.uses) {
      const called = job.uses.match(/\.\/\.github\/workflows\/([\w-]+)\.yml$/)[1];
      if (!('workflow_call' in workflow(called).on)) throw new Error(`${called} cannot be called`);
      const inner = await play(called, github, settings, step, stop, path);
      if (Object.values(inner).some(({ result }) => !['success', 'skipped'].includes(result))) done[id].result = 'failure';
      continue;
    }
    let ok = true;
    for (const each of job.steps) {
      if (!each.run || !runs(each.if, context, { always: true, cancelled: false, success: ok, failure: !ok })) continue;
      const env = Object.fromEntries(Object.entries(each.env ?? {}).map(([key, value]) => [key, text(value, context)]));
      const answer = await step({ run: text(each.run, context), env, path });
      if (each.id) context.steps[each.id] = { outputs: answer.outputs };
      ok &&= answer.ok;
    }
    done[id].result = ok ? 'success' : 'failure';
    done[id].outputs = Object.fromEntries(Object.entries(job.outputs ?? {}).map(([key, value]) => [key, text(value, context)]));
  }
  return done;
}

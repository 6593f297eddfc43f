// The OpenAPI document as those see it who make clients from it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import generate, { astToString } from 'openapi-typescript';
import ts from 'typescript';

const file = new URL('../../public/openapi.json', import.meta.url);
const document = JSON.parse(readFileSync(file, 'utf8'));
const operations = Object.values(document.paths).flatMap(Object.values);

/** Every body of an operation: where it stands, and its media type object. */
function bodies(operation) {
  const sent = Object.entries(operation.requestBody?.content ?? {}).map(([media, content]) => [`${operation.operationId} request ${media}`, content]);
  const answered = Object.entries(operation.responses).flatMap(([status, { content }]) =>
    Object.entries(content ?? {}).map(([media, body]) => [`${operation.operationId} ${status} ${media}`, body]),
  );
  return [...sent, ...answered];
}

test('it is valid OpenAPI 3.1', async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(structuredClone(document));
  assert.ok(valid, JSON.stringify(errors));
  assert.equal(validator.version, '3.1');
});

test('openapi-typescript takes it without a warning, and TypeScript what it makes', async () => {
  const said = [];
  const { warn, error } = console;
  console.warn = console.error = (...words) => said.push(words.join(' '));
  const text = astToString(await generate(document));
  Object.assign(console, { warn, error });
  assert.deepEqual(said, []);
  const name = 'api.ts';
  const host = ts.createCompilerHost({});
  const { getSourceFile, fileExists } = host;
  host.getSourceFile = (wanted, ...rest) => (wanted === name ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2022) : getSourceFile(wanted, ...rest));
  host.fileExists = (wanted) => wanted === name || fileExists(wanted);
  const program = ts.createProgram([name], { strict: true, noEmit: true, skipLibCheck: true, target: ts.ScriptTarget.ES2022, types: [] }, host);
  assert.deepEqual(ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')), []);
});

test('operation ids are names of functions, a verb first, and each is there once', () => {
  const ids = operations.map(({ operationId }) => operationId);
  assert.deepEqual(ids.filter((id) => !/^[a-z]+([A-Z][a-z]+)+$/.test(id)), []);
  assert.equal(new Set(ids).size, ids.length);
});

test('every operation has one tag that says what it is, and a summary', () => {
  const tags = new Set(document.tags.map(({ name, description }) => description && name));
  for (const { operationId, tags: own, summary } of operations) {
    assert.equal(own.length, 1, operationId);
    assert.ok(tags.has(own[0]) && summary, operationId);
  }
});

test('no value is without a type', () => {
  const open = [];
  const walk = (schema, where) => {
    const says = Object.keys(schema).filter((key) => !['description', 'title', 'default', 'example', 'examples', 'deprecated'].includes(key));
    if (says.length === 0) open.push(where);
    if (schema.type === 'array' && !schema.items && !schema.prefixItems) open.push(where);
    if (schema.type === 'object' && !schema.properties && schema.additionalProperties === undefined) open.push(where);
    for (const [name, value] of Object.entries(schema.properties ?? {})) walk(value, `${where}.${name}`);
    for (const key of ['oneOf', 'anyOf', 'allOf']) (schema[key] ?? []).forEach((each, n) => walk(each, `${where}.${key}${n}`));
    if (schema.items) walk(schema.items, `${where}[]`);
    if (typeof schema.additionalProperties === 'object') walk(schema.additionalProperties, `${where}{}`);
  };
  for (const [name, schema] of Object.entries(document.components.schemas)) walk(schema, name);
  for (const operation of operations) {
    for (const [where, { schema }] of bodies(operation)) walk(schema ?? {}, where);
    for (const { name, schema } of operation.parameters ?? []) walk(schema, `${operation.operationId} ${name}`);
  }
  assert.deepEqual(open, []);
});

test('every body and every problem has an example that its schema takes', () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  for (const format of ['int32', 'int64', 'float']) ajv.addFormat(format, true);
  ajv.addSchema({ ...document, $id: 'openapi' });
  const wrong = [];
  const check = (where, schema, value) => {
    const fits = ajv.compile(schema.$ref ? { $ref: `openapi${schema.$ref}` } : schema);
    if (!fits(value)) wrong.push(`${where}: ${ajv.errorsText(fits.errors)}`);
  };
  for (const operation of operations) {
    for (const [where, { schema, example, examples }] of bodies(operation)) {
      if (where.endsWith('problem+json')) {
        assert.ok(Object.keys(examples ?? {}).length > 0, `${where} has no example`);
        for (const { $ref } of Object.values(examples)) assert.ok(document.components.examples[$ref.split('/').at(-1)], `${where}: ${$ref}`);
      } else {
        assert.notEqual(example, undefined, `${where} has no example`);
        check(where, schema, example);
      }
    }
  }
  for (const code of document.components.schemas.ProblemCode.enum) {
    check(code, { $ref: '#/components/schemas/Problem' }, document.components.examples[code]?.value);
  }
  assert.deepEqual(wrong, []);
});

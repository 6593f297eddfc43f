// No breaking change that CHANGELOG.md does not list, and each kind of them is noticed.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { breaks, surface } from './surface.js';

const read = (file) => readFileSync(new URL(file, import.meta.url), 'utf8');
const document = JSON.parse(read('../../public/openapi.json'));

test('every breaking change since the last release is listed', () => {
  const listed = read('../../CHANGELOG.md').split('\n## ').find((section) => section.startsWith('Unreleased')) ?? '';
  const released = read('released.txt').trim().split('\n');
  const unlisted = breaks(released, surface(document)).filter(({ subject }) => !listed.includes(`\`${subject}\``));
  const lines = unlisted.map(({ subject, how, line }) => `\`${subject}\`, ${how}: ${line}`);
  assert.deepEqual(lines, [], 'name them under "Unreleased" in CHANGELOG.md and say what callers have to do');
});

const small = () => ({
  paths: {
    '/api/things': {
      post: {
        operationId: 'createThing',
        security: [{ user: [] }],
        parameters: [{ name: 'kind', in: 'query', required: false, schema: { type: 'string' } }],
        requestBody: { required: true, content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } },
        responses: { 201: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Made' } } } } },
      },
    },
  },
  components: {
    schemas: {
      Thing: { type: 'object', required: ['name'], properties: { name: { type: 'string', maxLength: 10 }, size: { type: 'integer' } } },
      Made: { type: 'object', required: ['state'], properties: { state: { $ref: '#/components/schemas/State' } } },
      State: { type: 'string', enum: ['new', 'done'] },
    },
  },
});

const changes = {
  'an operation goes': (d) => delete d.paths['/api/things'],
  'an operation is called otherwise': (d) => (d.paths['/api/things'].post.operationId = 'makeThing'),
  'an operation is for others': (d) => (d.paths['/api/things'].post.security = [{ admin: [] }]),
  'a parameter is needed': (d) => (d.paths['/api/things'].post.parameters[0].required = true),
  'a parameter is another type': (d) => (d.paths['/api/things'].post.parameters[0].schema = { type: 'integer' }),
  'another status is answered': (d) => (d.paths['/api/things'].post.responses = { 202: d.paths['/api/things'].post.responses[201] }),
  'a sent field is needed': (d) => d.components.schemas.Thing.required.push('size'),
  'a sent field goes': (d) => delete d.components.schemas.Thing.properties.size,
  'a bound is tighter': (d) => (d.components.schemas.Thing.properties.name.maxLength = 5),
  'an answered field goes': (d) => delete d.components.schemas.Made.properties.state,
  'an answered field may be missing': (d) => (d.components.schemas.Made.required = []),
  'a value goes': (d) => d.components.schemas.State.enum.pop(),
};

for (const [what, change] of Object.entries(changes)) {
  test(`${what}: that breaks somebody`, () => {
    const changed = small();
    change(changed);
    assert.notDeepEqual(breaks(surface(small()), surface(changed)), []);
  });
}

test('what is added breaks nobody', () => {
  const changed = small();
  changed.paths['/api/others'] = { get: { operationId: 'listOthers', responses: {}, parameters: [{ name: 'q', in: 'query', required: true, schema: { type: 'string' } }] } };
  changed.components.schemas.Made.properties.more = { type: 'string' };
  changed.components.schemas.Thing.properties.more = { type: 'string' };
  changed.components.schemas.State.enum.push('later');
  assert.deepEqual(breaks(surface(small()), surface(changed)), []);
});

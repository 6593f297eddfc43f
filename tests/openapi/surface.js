// What callers rely on in an OpenAPI document, a line each. A line that is gone, and a new line that begins with `!`, breaks
// somebody. Each begins with its subject, an operation or a schema. What may be added without harm is in no line.

/** The lines of a document, sorted. */
export function surface(document) {
  const lines = new Set();
  const { schemas } = document.components;
  const [sent, answered] = [new Set(), new Set()];
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(item)) describe(`${method.toUpperCase()} ${path}`, operation);
  }
  for (const name of sent) properties(name, schemas[name], true);
  for (const name of answered) properties(name, schemas[name], false);
  return [...lines].sort();

  function describe(address, { operationId: id, security, parameters, requestBody, responses }) {
    lines.add(`${id} is ${address}`);
    lines.add(`${id} is for ${security?.flatMap(Object.keys).join(', ') || 'anybody'}`);
    for (const { name, in: place, required, schema } of parameters ?? []) {
      lines.add(`${id} takes ${place} ${name}: ${type(schema)}`);
      if (required) lines.add(`! ${id} needs ${place} ${name}`);
      reach(schema, sent);
    }
    if (requestBody) {
      const { schema } = requestBody.content['application/json'];
      lines.add(`${id} is sent ${type(schema)}`);
      if (requestBody.required) lines.add(`! ${id} needs a body`);
      reach(schema, sent);
    }
    for (const [status, { content }] of Object.entries(responses)) {
      for (const [media, { schema }] of Object.entries(content ?? { nothing: {} })) {
        if (status < '400') lines.add(`${id} answers ${status} ${media}: ${type(schema)}`);
        reach(schema, answered);
      }
    }
  }

  function reach(schema, seen) {
    for (const [, name] of JSON.stringify(schema ?? {}).matchAll(/#\/components\/schemas\/(\w+)/g)) {
      if (seen.has(name)) continue;
      seen.add(name);
      reach(schemas[name], seen);
    }
  }

  function properties(name, schema, isSent) {
    for (const part of [schema, ...(schema.allOf ?? []), ...(schema.oneOf ?? [])]) {
      const of = part === schema || schema.allOf ? name : `${name}(${variant(part)})`;
      for (const value of part.enum ?? []) lines.add(`${name} may be ${value}`);
      for (const [property, value] of Object.entries(part.properties ?? {})) {
        lines.add(`${of}.${property}: ${type(value)}`);
        for (const each of value.enum ?? []) lines.add(`${of}.${property} may be ${each}`);
      }
      for (const property of part.required ?? []) lines.add(isSent ? `! ${of}.${property} must be sent` : `${of}.${property} is always there`);
    }
    if (!schema.properties && !schema.enum && !schema.allOf) lines.add(`${name} is ${type(schema)}`);
  }
}

/** The variant of a union, by the constant that tells it from the others. */
const variant = ({ properties = {}, $ref }) => $ref?.split('/').at(-1) ?? Object.values(properties).find((property) => property.enum?.length === 1)?.enum[0] ?? Object.keys(properties).join(',');

/** A type with its bounds. */
function type(schema) {
  if (!schema) return 'nothing';
  if (schema.$ref) return schema.$ref.split('/').at(-1);
  for (const [key, sign] of [['oneOf', ' | '], ['anyOf', ' | '], ['allOf', ' & ']]) if (schema[key]) return schema[key].map(type).join(sign);
  const bounds = ['format', 'pattern', 'minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems'].filter((key) => key in schema).map((key) => `${key} ${schema[key]}`);
  const inner = schema.items ? `[${type(schema.items)}]` : typeof schema.additionalProperties === 'object' ? `{${type(schema.additionalProperties)}}` : '';
  const nested = schema.properties ? `{${Object.entries(schema.properties).map(([name, value]) => `${name}: ${type(value)}`).join(', ')}}` : '';
  return `${[schema.type].flat().join('|')}${inner}${nested}${bounds.length ? ` (${bounds.join(', ')})` : ''}`;
}

/** What of a change breaks somebody, by subject. */
export function breaks(before, after) {
  const [old, now] = [new Set(before), new Set(after)];
  const found = [
    ...before.filter((line) => !line.startsWith('!') && !now.has(line)).map((line) => ({ line, how: 'gone' })),
    ...after.filter((line) => line.startsWith('!') && !old.has(line)).map((line) => ({ line, how: 'new' })),
  ];
  const isNew = (subject) => !before.some((line) => subjectOf(line) === subject);
  return found.map((each) => ({ ...each, subject: subjectOf(each.line) })).filter(({ how, subject }) => how === 'gone' || !isNew(subject));
}

const subjectOf = (line) => line.match(/^(?:! )?(\w+)/)[1];

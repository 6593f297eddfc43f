// Where the local Data API and @supabase/lite differ, by what is read, and which of them PostgREST agrees with. Times are compared
// as times (judges.js).

const arguments_ = 'lite 0.10.0 gives a function null for a jsonb argument that is an object; PostgREST gives the object, as ours does.';
const words = 'The messages differ, or the order of names in a hint; the status and the code are the same.';
const encoded = 'Ours takes the value as it stands in the address for a part of it: PostgREST decodes it, as lite does. Nothing in the product asks so.';

export const differences = {
  'POST /rest/v1/rpc/read_budgets': arguments_,
  'POST /rest/v1/rpc/export_page': arguments_,
  'POST /rest/v1/rpc/render_allowance': arguments_,
  'POST /rest/v1/rpc/health': 'It tells the time.',
  'related rows of related rows': 'Ours finds two ways from renders to their content and asks which, as PostgREST does; lite takes one.',
  'a count of related rows': 'Ours knows no aggregates; a Supabase project has them switched off too, and refuses in other words.',
  'another schema': words,
  'no such table': words,
  'no such column': words,
  'eq with what must be quoted': encoded,
  like: encoded,
  'like with a backslash': encoded,
  ilikeAnyOf: encoded,
  textSearch: encoded,
  'textSearch, of the web': encoded,
  'a filter that is none': words,
  'a range behind the end': 'Ours leaves the Content-Range out; PostgREST sends */30, as lite does.',
  csv: 'Ours quotes no lists and no times as Postgres writes them; PostgREST does as lite. Nothing in the product asks for CSV.',
  'rpc with a filter': 'Ours takes filters and columns of a function\'s rows from its address only where it is called by GET; PostgREST always.',
};

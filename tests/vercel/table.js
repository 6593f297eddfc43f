// What a request meets, by the route table that `vercel build` writes (Build Output API, version 3).

const PHASES = ['main', 'filesystem', 'rewrite', 'resource', 'miss'];

/** The route table, the functions and the static files of one build. */
export class Table {
  #phases = { main: [], error: [] };
  #functions;
  #files = new Map();

  /** `config` is the build's config.json; `functions` and `files` are paths below its functions/ and static/. */
  constructor(config, functions, files) {
    let phase = 'main';
    for (const route of config.routes) {
      if (route.handle) phase = route.handle;
      else (this.#phases[phase] ??= []).push({ ...route, matches: new RegExp(route.src) });
    }
    this.#functions = new Set(functions);
    for (const file of files) {
      const path = config.overrides?.[file]?.path ?? file;
      this.#files.set(path, file);
      if (path === 'index') this.#files.set('', file);
      else if (path.endsWith('/index')) this.#files.set(path.slice(0, -'/index'.length), file);
    }
  }

  /**
   * What a request meets, as `check --routes` tells it: a redirect, a function and what is added to its query, a file, or
   * nothing; and the headers that rules add to the answer.
   */
  meets({ method = 'GET', target, headers = {} }) {
    const request = { method, headers, url: new URL(target, 'https://example.com'), path: target.split('?')[0], query: [], added: {} };
    const met = this.#meets(request);
    return { met, headers: request.added };
  }

  #meets(request) {
    for (const phase of PHASES) {
      // Each phase after the first begins with a look at what there is.
      const found = phase === 'main' ? undefined : this.#holds(request);
      if (found) return found;
      for (const route of this.#phases[phase] ?? []) {
        const answer = this.#follow(route, request);
        if (answer === 'next phase') break;
        if (answer) return answer;
      }
    }
    return this.#fails(404, request);
  }

  /** What a route makes of a request: an answer, `'next phase'`, or nothing, so that the next route is asked. */
  #follow(route, request) {
    const found = route.matches.exec(request.path);
    if (!found || !applies(route, request)) return undefined;
    const filled = (text) => text.replace(/\$(\d+|\w+)/g, (_, name) => found[name] ?? found.groups?.[name] ?? '');
    const { Location: location, ...rest } = route.headers ?? {};
    for (const [name, value] of Object.entries(rest)) request.added[name.toLowerCase()] = filled(value);
    if (location) return { redirect: filled(location), status: route.status };
    if (route.dest) {
      const [path, query = ''] = filled(route.dest).split('?');
      request.path = path;
      for (const pair of query.split('&').filter(Boolean)) request.query.push([pair.split('=')[0], pair.split('=').slice(1).join('=')]);
      const there = route.check && this.#holds(request);
      if (there) return there;
      return route.check || route.continue ? undefined : 'next phase';
    }
    if (route.continue) return undefined;
    return route.status ? this.#fails(route.status, request) : 'next phase';
  }

  /** The function or file at the request's path. The platform does not mind a slash at its end. */
  #holds(request) {
    const path = request.path.slice(1).replace(/\/$/, '');
    if (this.#functions.has(path)) return { function: path, query: request.query };
    let decoded;
    try {
      decoded = decodeURIComponent(path);
    } catch {
      return undefined;
    }
    return this.#files.has(decoded) ? { file: this.#files.get(decoded) } : undefined;
  }

  /** A page of the deployment's own for this status, or the platform's: nothing. */
  #fails(status, request) {
    for (const route of this.#phases.error) {
      if (route.status && route.status !== status) continue;
      if (!route.matches.test(request.path) || !route.dest) continue;
      return this.#holds({ path: route.dest, query: [] }) ?? {};
    }
    return {};
  }
}

/** Whether a route is for this method, and for what the request holds besides its path. */
function applies(route, request) {
  if (route.methods && !route.methods.includes(request.method)) return false;
  return (route.has ?? []).every((one) => holds(one, request)) && !(route.missing ?? []).some((one) => holds(one, request));
}

function holds({ type, key, value }, { headers, url }) {
  const cookies = Object.fromEntries((headers.cookie ?? '').split(/;\s*/).map((pair) => pair.split(/=(.*)/s).slice(0, 2)));
  const found = { header: () => headers[key], cookie: () => cookies[key], query: () => url.searchParams.get(key) ?? undefined, host: () => headers.host }[type]();
  return found !== undefined && (value === undefined || new RegExp(`^(?:${value})$`).test(found));
}

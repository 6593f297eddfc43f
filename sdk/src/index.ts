export { Catalyst, type CatalystOptions, ifMatch, paginate } from './catalyst.js';
export { Problem, type ProblemCode } from './problem.js';
export type { TokenProvider } from './send.js';
export type * from './generated/types.gen.js';

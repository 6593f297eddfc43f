// What Google's consent brought stands in the fragment, which no server has seen. It is taken before anything else runs: neither
// the history nor another script is to find the code.

const isHere = location.pathname.replace(/\/$/, '') === '/connected';

export const brought: { state?: string; code?: string; error?: string } = isHere ? Object.fromEntries(new URLSearchParams(location.hash.slice(1))) : {};

if (isHere) history.replaceState(null, '', location.pathname);

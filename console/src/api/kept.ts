// A place in IndexedDB for the query cache: lists of thousands of videos are too large for localStorage.

const [DATABASE, STORE, KEY] = ['catalyst', 'queries', 'cache'];

function within<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const opened = indexedDB.open(DATABASE, 1);
    opened.onupgradeneeded = () => opened.result.createObjectStore(STORE);
    opened.onerror = () => reject(opened.error);
    opened.onsuccess = () => {
      const asked = work(opened.result.transaction(STORE, mode).objectStore(STORE));
      asked.onerror = () => reject(asked.error);
      asked.onsuccess = () => resolve(asked.result);
      asked.transaction?.addEventListener('complete', () => opened.result.close());
    };
  });
}

export const keep = (value: unknown): Promise<unknown> => within('readwrite', (store) => store.put(value, KEY));
export const recall = (): Promise<unknown> => within('readonly', (store) => store.get(KEY));
export const forget = (): Promise<unknown> => within('readwrite', (store) => store.delete(KEY));

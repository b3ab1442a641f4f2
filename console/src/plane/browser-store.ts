const databaseName = 'ambit-console';
const storeName = 'kept';

/** What this browser keeps for the console. Keys lie in it as handles: nobody reads their private halves, not even we. */
export const browserStore = {
  read: <T>(name: string): Promise<T | undefined> => ask('readonly', (store) => store.get(name)),
  write: (name: string, value: unknown): Promise<IDBValidKey> => ask('readwrite', (store) => store.put(value, name)),
  remove: (name: string): Promise<undefined> => ask('readwrite', (store) => store.delete(name)),
};

async function ask<T>(mode: IDBTransactionMode, what: (store: IDBObjectStore) => IDBRequest): Promise<T> {
  const database = await open();
  try {
    return await answerOf<T>(what(database.transaction(storeName, mode).objectStore(storeName)));
  } finally {
    database.close();
  }
}

async function open(): Promise<IDBDatabase> {
  const opening = indexedDB.open(databaseName, 1);
  opening.addEventListener('upgradeneeded', () => opening.result.createObjectStore(storeName));
  return answerOf(opening);
}

function answerOf<T>(request: IDBRequest): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result as T));
    request.addEventListener('error', () => reject(request.error));
  });
}

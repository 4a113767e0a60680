// Does to the host's key-value store what it is told: a list of operations in JSON, each a list with its name and arguments.
import * as kv from "plugwright/kv";

type Operation = [name: string, key: string, ...rest: any[]];

function perform([name, key, ...rest]: Operation): unknown {
  const [first, second, third] = rest;
  const lifetime = (ttl?: number) => (ttl ? { ttl } : undefined);
  switch (name) {
    case "get":
      return kv.get(key);
    case "set":
      return kv.set(key, first, lifetime(second)) ?? null;
    case "delete":
      return kv.remove(key);
    case "increment":
      return Number(kv.increment(key, first));
    case "swap":
      return kv.compareAndSwap(key, first, second, lifetime(third));
    default:
      return kv.list(key, { cursor: first, limit: second });
  }
}

export function run(operations: Operation[]): unknown[] {
  return operations.map((operation) => {
    try {
      return perform(operation);
    } catch (error) {
      if (!(error instanceof kv.CapabilityError)) throw error;
      return { error: error.code, message: error.message };
    }
  });
}

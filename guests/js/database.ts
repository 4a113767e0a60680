// Does to the host's database what it is told: a list of operations in JSON, each a list with its name and arguments.
import * as sql from "plugwright/sql";

/** A row whose columns are known. */
interface Note {
  id: number;
  text: string;
  important: boolean | null;
}

type Operation = [name: string, ...rest: any[]];

function perform([name, ...rest]: Operation): unknown {
  const [statement, params] = rest;
  switch (name) {
    case "execute":
      return sql.execute(statement, params);
    case "query":
      return sql.query(statement, params);
    case "notes":
      return sql.query<Note>(statement, params).map(({ id, text, important }) => ({ id, text, important }));
    default:
      return sql.transaction(() => (rest as Operation[]).map(perform));
  }
}

export function run(operations: Operation[]): unknown[] {
  return operations.map((operation) => {
    try {
      return perform(operation);
    } catch (error) {
      if (!(error instanceof sql.CapabilityError)) throw error;
      return { error: error.code, message: error.message };
    }
  });
}
